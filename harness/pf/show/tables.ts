/**
 * `pfctl -sT` and `pfctl -t name -T show`: tables, their flags, contents and counters.
 */

import type { Firewall } from "../engine/firewall.ts";
import type { Table, TableEntry, TableTraffic } from "../engine/tables/table.ts";
import { ctime, left } from "./columns.ts";

const OUTCOMES = ["block", "match", "pass", "xpass"] as const;
const NAMES = { block: "Block", match: "Match", pass: "Pass", xpass: "XPass" } as const;

export function showTables(firewall: Firewall, anchor: string, verbose = 0): string[] {
  return firewall.tables.list(anchor).flatMap((table) => showTable(table, verbose));
}

function showTable(table: Table, verbose: number): string[] {
  const { persist, constant, active, references, anchorReferences, counting } = table;
  const named = table.anchor === "" ? table.name : `${table.name}\t${table.anchor}`;
  if (verbose === 0) return [named];
  const flag = (on: boolean, letter: string) => (on ? letter : "-");
  const flags = [
    flag(persist, "p"),
    flag(constant, "c"),
    flag(active, "a"),
    "-",
    flag(references > 0, "r"),
    flag(anchorReferences > 0, "h"),
    flag(counting, "C"),
  ].join("");
  const lines = [`${flags}\t${named}`];
  if (verbose < 2) return lines;
  const pair = (name: string, first: string, a: number, second: string, b: number): string =>
    `\t${left(name, 12)} [ ${first}: ${left(a, 18)} ${second}: ${left(b, 18)} ]`;
  return [
    ...lines,
    `\tAddresses:   ${table.size}`,
    `\tCleared:     ${ctime(table.clearedMs)}`,
    pair("References:", "Anchors", anchorReferences, "Rules", references),
    pair("Evaluations:", "NoMatch", table.misses, "Match", table.matches),
    ...traffic(table.traffic, true),
  ];
}

function traffic(counts: TableTraffic, xpass: boolean): string[] {
  return (["in", "out"] as const).flatMap((direction) =>
    OUTCOMES.filter((outcome) => xpass || outcome !== "xpass").map((outcome) => {
      const { packets, bytes } = counts[`${direction}/${outcome}`];
      const name = `${direction === "in" ? "In" : "Out"}/${NAMES[outcome]}:`;
      return `\t${left(name, 12)} [ Packets: ${left(packets, 18)} Bytes: ${left(bytes, 18)} ]`;
    }),
  );
}

/** One address a line: `   10.0.0.0/24`, `  !10.0.0.3`. */
export function showAddresses(table: Table, verbose = 0): string[] {
  return table.entries().flatMap((entry) => {
    const line = ` ${entry.traffic !== undefined && verbose > 0 ? "C" : " "}${entry.negated ? "!" : " "}${entryText(entry)}`;
    if (verbose === 0) return [line];
    const counts = entry.traffic === undefined ? [] : traffic(entry.traffic, false);
    return [line, `\tCleared:     ${ctime(entry.clearedMs)}`, ...counts];
  });
}

export function entryText({ network }: Pick<TableEntry, "network">): string {
  const host = network.prefix === (network.family === "inet" ? 32 : 128);
  return host ? network.text : `${network.text}/${network.prefix}`;
}
