/**
 * The state of a parse: the machine around it (interfaces, names), the options and queues seen so far, the anchor that
 * rules go into, and the output. One context lives for one text with its includes.
 */

import type { EtherRule, Rule, ScrubRule, Translation } from "../rule.ts";
import type { Interface, Options, QueueDefinition, TableDefinition } from "../ruleset.ts";
import type { Era } from "./eras.ts";
import type { AltqInterface, AnnouncedQueue, StateItem } from "./nodes.ts";
import { type Release, releaseOf, type Stage } from "./releases.ts";
import { Reader } from "./tokens/reader.ts";

export interface Surroundings {
  /** The PF language of the text; that of OpenBSD 7.8 by default. */
  readonly era?: Era;
  /** The release whose pfctl reads the text, such as `freebsd@14`; wins over `era`. */
  readonly release?: string;
  /** Name of the text in messages; pfctl says `stdin` for `-f -`. */
  readonly file?: string;
  readonly interfaces: readonly Interface[];
  /** `-D name=value`: wins over the text. */
  readonly defines?: Readonly<Record<string, string>>;
  /** Contents of a file for `include` and tables, undefined if it cannot be read. Without it no file can. */
  readonly readFile?: (path: string) => string | undefined;
  /**
   * Called for what the text asks of its machine and is not here; the parse then goes on as if it were there: a file is
   * empty, nobody has the user or group, nothing uses the port, a host has an address of TEST-NET-1. Without it these
   * are errors, as for pfctl.
   */
  readonly absent?: (absent: Absent) => void;
  /** The anchor that the text is loaded into, `-a`; the main ruleset by default. */
  readonly anchor?: string;
  /** Host names that resolve; `localhost` always does. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** Routing tables that exist; 0 by default. */
  readonly rtables?: readonly number[];
  /** Names of queues defined by the main ruleset, for the text of a `load anchor`. */
  readonly queues?: readonly string[];
  /** 32 random bits at a time, for `source-hash` without a key. Fixed numbers by default. */
  readonly random?: () => number;
  /** Number of the next `<__automatic_N>` table; 0 by default. */
  readonly firstAutomaticTable?: number;
  /** `-o`: wins over `set ruleset-optimization` in the text; `basic` by default. `profile` needs a kernel. */
  readonly optimization?: "none" | "basic";
}

/** Something that is on the machine of the text and not on this one. */
export interface Absent {
  readonly kind: "file" | "user" | "group" | "service" | "host";
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** A ruleset being filled: the main one, or an inline anchor's. */
export interface Filling {
  readonly name: string;
  readonly rules: Rule[];
  readonly translations: Translation[];
  readonly scrubs: ScrubRule[];
  readonly ethers: EtherRule[];
  /** Rules of all kinds so far, but for binat: FreeBSD numbers them together. */
  added: number;
  readonly tables: TableDefinition[];
  /** Names that the text defined itself. */
  readonly tableNames: Set<string>;
  /** Inline anchors in it, by name. */
  readonly children: Map<string, Filling>;
}

export const emptyFilling = (name: string): Filling => ({
  name,
  rules: [],
  translations: [],
  scrubs: [],
  ethers: [],
  added: 0,
  tables: [],
  tableNames: new Set(),
  children: new Map(),
});

/** yacc's stack: braces nested deeper are an error. */
const MAX_NESTING = 1000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class Context {
  readonly reader: Reader;
  readonly surroundings: Surroundings;
  readonly release: Release;
  readonly interfaces: readonly Interface[];
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  readonly rtables: readonly number[];
  readonly options: Writable<Options> = {};
  /** `set skip`, all of them. */
  skip: string[] | undefined;
  /** `set state-policy if-bound`. */
  ifBound = false;
  stateDefaults: readonly StateItem[] | undefined;
  readonly rootQueues = new Map<string | undefined, QueueDefinition>();
  readonly childQueues: QueueDefinition[] = [];
  /** Queues of altq(4). */
  readonly altq = { queues: [] as AnnouncedQueue[], interfaces: new Map<string, AltqInterface>() };
  readonly #queueNames: Set<string>;
  readonly loads: { readonly anchor: string; readonly file: string; readonly line: number }[] = [];
  /** Lines that `-v` prints while parsing: macros, options, tables. */
  readonly output: string[] = [];
  automaticTables: number;
  /** The current ruleset and those around it; [0] is the main one. */
  readonly stack: Filling[];
  /** The inline anchor whose `}` was read last and whose anchor rule is not finished. */
  closed: Filling | undefined;
  /** Files included so far. */
  includes = 0;
  /** Combinations of list items so far, and addresses in automatic tables. */
  combinations = 0;
  tableAddresses = 0;
  /** Number of the last unnamed `{`. */
  braces = 0;
  interfacesRead = false;
  readonly #macros = new Map<string, string>();
  readonly #usedMacros = new Set<string>();
  #nesting = 0;
  #stage = 0;
  #randomState = 0x2545f491;

  constructor(text: string, surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.release = releaseOf(surroundings);
    this.interfaces = surroundings.interfaces;
    this.hosts = { localhost: ["127.0.0.1", "::1"], ...surroundings.hosts };
    this.rtables = surroundings.rtables ?? [0];
    this.automaticTables = surroundings.firstAutomaticTable ?? 0;
    this.#queueNames = new Set(surroundings.queues);
    this.stack = [emptyFilling(surroundings.anchor ?? "")];
    this.reader = new Reader(surroundings.file ?? "stdin", text, (name) => this.macro(name), this.release);
    this.reader.absent = (kind, name) => {
      surroundings.absent?.({ kind, name, file: this.reader.file, line: this.reader.line });
      return surroundings.absent !== undefined;
    };
  }

  get era(): Era {
    return this.release.era;
  }

  get filling(): Filling {
    return this.stack[this.stack.length - 1] as Filling;
  }

  remark(text: string): void {
    this.reader.remark(text);
  }

  macro(name: string): string | undefined {
    const { defines } = this.surroundings;
    this.#usedMacros.add(name);
    return defines !== undefined && Object.hasOwn(defines, name) ? defines[name] : this.#macros.get(name);
  }

  /** Contents, or undefined if the file cannot be read. */
  readFile(path: string): string | undefined {
    return this.surroundings.readFile?.(path);
  }

  define(name: string, value: string): void {
    if (Object.hasOwn(this.surroundings.defines ?? {}, name)) return;
    this.#macros.delete(name);
    this.#macros.set(name, value);
    this.#usedMacros.delete(name);
  }

  /** Macros that no rule has used since they were last defined, those of `-D` first. */
  unusedMacros(): readonly string[] {
    const names = [...Object.keys(this.surroundings.defines ?? {}), ...this.#macros.keys()];
    return names.filter((name) => !this.#usedMacros.has(name));
  }

  addChildQueue(queue: QueueDefinition): void {
    this.childQueues.push(queue);
    this.#queueNames.add(queue.name);
  }

  /** Roots do not count. */
  queueExists(name: string): boolean {
    return this.#queueNames.has(name);
  }

  /** 32 bits for a hash key. */
  random(): number {
    if (this.surroundings.random !== undefined) return this.surroundings.random();
    // xorshift32: only has to differ from key to key.
    let x = this.#randomState;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#randomState = x;
    return x >>> 0;
  }

  /** Fails if a later kind of statement came before, where the release wants an order and the text does not lift it. */
  inOrder(stage: Stage): void {
    const { order } = this.release;
    if (order.length === 0) return;
    const number = order.indexOf(stage);
    if (this.options.requireOrder !== false && number < this.#stage) {
      this.reader.fail(`Rules must be in order: ${order.join(", ")}`);
    }
    this.#stage = number;
  }

  /** Limits a recursion. */
  nested(inner: () => void): void {
    if (++this.#nesting > MAX_NESTING) this.reader.fail("yacc stack overflow");
    inner();
    this.#nesting--;
  }

  /** A new statement begins, after an error or not. */
  restart(): void {
    this.#nesting = 0;
    this.closed = undefined;
  }
}
