/** A table as a text defines it: `table <t> persist { 10/8 !10.1/16 } file "f"`, names and files already resolved. */

export interface TableDefinition {
  readonly name: string;
  readonly persist?: boolean;
  readonly const?: boolean;
  readonly counters?: boolean;
  readonly files: readonly string[];
  /** Given addresses in order, canonical, `negated` as `!`. Names are resolved, contents of `files` included. */
  readonly addresses: readonly TableAddress[];
  /** `{ }` or `file` was written, even if empty: loading replaces the contents. */
  readonly initialised?: boolean;
  /** The canonical line, `table <t> persist { 10.0.0.0/8 !10.1.1.1 }`. */
  readonly text: string;
  readonly line: number;
}

export interface TableAddress {
  readonly address: string;
  /** Bits; 32 or 128 for a host. */
  readonly prefix: number;
  readonly negated: boolean;
}
