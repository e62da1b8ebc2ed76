/**
 * Tables.
 *
 * table = "table" "<" name ">" {"persist" | "const" | "counters" | "{" [hosts] "}" | "file" path}
 *
 * `table <t> persist { 10/8, !10.1/16 }` prints as `table <t> persist { 10.0.0.0/8 !10.1.0.0/16 }`.
 */

import type { TableAddress, TableDefinition } from "../../ruleset.ts";
import { tableAddress, tableHosts } from "../clauses/host-clause.ts";
import { resolveHost } from "../clauses/resolve-host.ts";
import type { Context } from "../context.ts";
import type { HostNode } from "../nodes.ts";
import { type TableFlags, type TableSource, tableText } from "../print/print-address.ts";
import { TABLE_NAME_SIZE } from "../tokens/limits.ts";
import { newlines } from "../tokens/reader.ts";

const forbidden: Readonly<Record<string, string>> = {
  range: "address ranges are not permitted inside tables",
  dynamic: "dynamic addresses are not permitted inside tables",
  table: "tables cannot contain tables",
  "no-route": '"no-route" is not permitted inside tables',
  "urpf-failed": '"urpf-failed" is not permitted inside tables',
  route: "unknown address type 4",
};

function tableList(context: Context, sources: TableSource[]): void {
  const { reader } = context;
  newlines(reader);
  if (reader.accept("}")) return;
  const nodes: HostNode[] = [];
  tableHosts(context, (node) => nodes.push(node));
  for (const { spec } of nodes) {
    const complaint = forbidden[spec.kind];
    if (complaint !== undefined) reader.fail(complaint);
  }
  sources.push({ kind: "addresses", nodes });
}

/** At the word `table`. */
export function tableStatement(context: Context): void {
  const { reader } = context;
  const { line } = reader;
  reader.take();
  reader.expect("<");
  const name = reader.string();
  reader.expect(">");
  const flags: TableFlags = {};
  const sources: TableSource[] = [];
  let initialised = false;
  for (;;) {
    if (reader.accept("{")) {
      tableList(context, sources);
      initialised = true;
    } else if (reader.accept("file")) {
      sources.push({ kind: "file", path: reader.string() });
      initialised = true;
    } else if (reader.peek() === "string") {
      const word = reader.string();
      if (word !== "const" && word !== "persist" && word !== "counters") {
        context.reader.fail(`invalid table option '${word}'`);
      }
      flags[word] = true;
    } else break;
  }
  reader.endOfStatement();
  if (name.length >= TABLE_NAME_SIZE) reader.fail(`table name too long, max ${TABLE_NAME_SIZE - 1} chars`);
  const addresses: TableAddress[] = [];
  for (const source of sources) load(context, source, addresses);
  const text = tableText(name, flags, sources, initialised);
  context.output.push(text);
  const files = sources.flatMap((source) => (source.kind === "file" ? [source.path] : []));
  const definition: TableDefinition = {
    name,
    ...flags,
    files,
    addresses,
    ...(initialised && { initialised }),
    text,
    line,
  };
  // Inside an inline anchor pfctl rejects the whole text at a second definition, without a message.
  const { tableNames, tables } = context.filling;
  if (context.stack.length > 1 && tableNames.has(name)) context.reader.abandon();
  tableNames.add(name);
  tables.push(definition);
}

function load(context: Context, source: TableSource, addresses: TableAddress[]): void {
  const { reader } = context;
  if (source.kind === "addresses") {
    for (const node of source.nodes) {
      addresses.push(tableAddress(node) ?? reader.fail("cannot create address buffer: Invalid argument"));
    }
    return;
  }
  const text = context.readFile(source.path);
  if (text === undefined && reader.absent("file", source.path)) return;
  if (text === undefined) context.reader.fail(`cannot load "${source.path}": No such file or directory`);
  const words = text
    .split("\n")
    .flatMap((line) => (line.includes("#") ? line.slice(0, line.indexOf("#")) : line).split(/\s+/))
    .filter((word) => word !== "");
  for (const word of words) {
    const bare = word.replace(/^!+/, "");
    const negated = (word.length - bare.length) % 2 === 1;
    const nodes = resolveHost(bare, context) ?? reader.fail(`file "${source.path}" contains bad data`);
    for (const node of nodes) {
      const address = tableAddress({ ...node, negated });
      addresses.push(address ?? reader.fail(`cannot load "${source.path}": Invalid argument`));
    }
  }
}
