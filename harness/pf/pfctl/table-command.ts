/**
 * `pfctl -t name -T command [address …]`: shows and changes tables.
 */

import type { Firewall } from "../engine/firewall.ts";
import { addressOf, compareAddresses, type Network, networkOf } from "../engine/tables/address.ts";
import type { Table } from "../engine/tables/table.ts";
import type { TableAddress } from "../ruleset.ts";
import { entryText, showAddresses } from "../show/tables.ts";
import type { PfctlOptions } from "./options.ts";
import type { Output } from "./output.ts";

/** pfctl.c: the exit statuses of a table command that failed. */
const FAILED = 255;
const NO_MATCH = 2;

export function tableCommand(firewall: Firewall, options: PfctlOptions, anchor: string, output: Output): void {
  const { tableCommand: command, table: name = "" } = options;
  const given: TableAddress[] = [];
  for (const text of command === "expire" ? [] : options.rest) {
    const address = parseAddress(text);
    if (address === undefined) {
      output.error(`pfctl: getaddrinfo: ${text}: non-recoverable failure in name resolution`);
      return;
    }
    given.push(address);
  }
  const now = firewall.now();
  let table = firewall.tables.get(anchor, name);
  if (!table?.active) {
    if (command !== "add" && command !== "replace") {
      output.error("pfctl: Table does not exist", FAILED);
      return;
    }
    if (!options.noAction) table = firewall.tables.create(anchor, name, now);
    output.say("1 table created.");
  }
  if (table === undefined) return;
  const changes = ["add", "delete", "replace", "flush", "expire", "kill"].includes(command ?? "");
  if (changes && table.constant) {
    output.error("pfctl: Operation not permitted.", FAILED);
    return;
  }
  switch (command) {
    case "add": {
      const added = given.filter((address) => table.add(address, now)).length;
      output.say(`${added}/${given.length} addresses added.`);
      return;
    }
    case "delete": {
      const deleted = given.filter(({ address, prefix }) => table.delete(address, prefix)).length;
      output.say(`${deleted}/${given.length} addresses deleted.`);
      return;
    }
    case "replace":
      replace(table, given, now, output);
      return;
    case "flush": {
      const { size } = table;
      table.clear();
      output.say(`${size} addresses deleted.`);
      return;
    }
    case "kill":
      firewall.tables.kill(table);
      output.say("1 table deleted.");
      return;
    case "zero":
      table.clearedMs = now;
      table.matches = 0;
      table.misses = 0;
      output.say("1 table/stats cleared.");
      return;
    case "expire": {
      const limit = Number(options.rest[0] ?? 0) * 1000;
      const old = table.entries().filter(({ clearedMs }) => now - clearedMs > limit);
      for (const { network } of old) table.delete(network.text, network.prefix);
      output.say(`${old.length}/${old.length} addresses expired.`);
      return;
    }
    case "test":
      test(table, given, options.verbose, output);
      return;
    case "show":
      output.lines(showAddresses(table, options.verbose));
      return;
    default:
      output.error("pfctl: Table command not supported");
      return;
  }
}

function replace(table: Table, given: readonly TableAddress[], now: number, output: Output): void {
  const wanted = given.map((address) => networkOf(address.address, address.prefix));
  const same = (a: Network, b: Network) => compareAddresses(a, b) === 0 && a.prefix === b.prefix;
  const gone = table.entries().filter(({ network }) => !wanted.some((one) => same(one, network)));
  for (const { network } of gone) table.delete(network.text, network.prefix);
  let added = 0;
  let changed = 0;
  for (const address of given) {
    const entry = table.find(networkOf(address.address, address.prefix));
    if (entry !== undefined && entry.negated !== address.negated) {
      table.delete(address.address, address.prefix);
      table.add(address, now);
      changed++;
    } else if (table.add(address, now)) added++;
  }
  if (added > 0) output.say(`${added} addresses added.`);
  if (gone.length > 0) output.say(`${gone.length} addresses deleted.`);
  if (changed > 0) output.say(`${changed} addresses changed.`);
  if (added + gone.length + changed === 0) output.say("no changes.");
}

function test(table: Table, given: readonly TableAddress[], verbose: number, output: Output): void {
  const found = given.map(({ address }) => ({ address, entry: table.lookup(addressOf(address)) }));
  const matched = found.filter(({ entry }) => entry !== undefined && !entry.negated);
  output.say(`${matched.length}/${given.length} addresses match.`);
  if (verbose > 0) {
    for (const { address, entry } of found) {
      const match = entry !== undefined && !entry.negated;
      if (!match && verbose < 2) continue;
      const by = entry === undefined || verbose < 2 ? "" : `\t${entry.negated ? "!" : " "}${entryText(entry)}`;
      output.lines([`${match ? "M" : " "}  ${address}${by}`]);
    }
  }
  if (matched.length < given.length) output.status = NO_MATCH;
}

/** `!10.0.0.0/8`; undefined if it is not an address. */
function parseAddress(text: string): TableAddress | undefined {
  const negated = text.startsWith("!");
  const [address = "", prefix] = text.slice(negated ? 1 : 0).split("/");
  try {
    const { family } = addressOf(address);
    const whole = family === "inet" ? 32 : 128;
    const bits = prefix === undefined ? whole : Number(prefix);
    if (!Number.isInteger(bits) || bits < 0 || bits > whole) return undefined;
    return { address: networkOf(address, bits).text, prefix: bits, negated };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
