/**
 * Compares packets, counters and states of the record with those of the model. Each comparison gives the first
 * difference in words, or undefined.
 */

import type { CaseCounters, CasePacket, CaseState, SeenPacket } from "./case.ts";

/** Fields that the cases record of a packet, in the order of comparison. */
const FIELDS = [
  "af",
  "src",
  "dst",
  "proto",
  "sport",
  "dport",
  "flags",
  "type",
  "code",
  "id",
  "seqno",
  "seq",
  "ack",
  "ttl",
  "tos",
  "len",
  "data",
] as const;

export function comparePacket(recorded: Partial<CasePacket>, model: Partial<CasePacket>): string | undefined {
  for (const field of FIELDS) {
    if (field === "tos" ? (recorded.tos ?? 0) === (model.tos ?? 0) : recorded[field] === model[field]) continue;
    return `${field} ${model[field] ?? "-"}, not ${recorded[field] ?? "-"}`;
  }
  if ((recorded.inner === undefined) !== (model.inner === undefined)) return "inner packet";
  if (recorded.inner === undefined || model.inner === undefined) return undefined;
  for (const field of FIELDS) {
    // A quotation is cut: only what the record shows can be compared.
    const expected = recorded.inner[field];
    if (expected !== undefined && expected !== model.inner[field]) {
      return `inner ${field} ${model.inner[field] ?? "-"}, not ${expected}`;
    }
  }
  return undefined;
}

export const describeSeen = ({ if: name, pkt }: SeenPacket): string =>
  `${name}: ${pkt.proto} ${pkt.src}:${pkt.sport ?? ""} > ${pkt.dst}:${pkt.dport ?? ""} ${pkt.flags ?? pkt.type ?? ""}`;

/** Evaluations, packets, bytes and creations; the number of current states depends on the purge. */
export function compareCounters(
  recorded: Readonly<Record<string, CaseCounters>>,
  model: ReadonlyMap<string, CaseCounters>,
): { readonly path: string; readonly difference: string } | undefined {
  const paths = new Set([...Object.keys(recorded), ...model.keys()]);
  const names = ["evaluations", "packets", "bytes", "states", "creations"];
  for (const path of [...paths].sort(comparePaths)) {
    const expected = recorded[path] ?? ([0, 0, 0, 0, 0] as const);
    const found = model.get(path) ?? ([0, 0, 0, 0, 0] as const);
    for (const index of [0, 1, 2, 4] as const) {
      if (expected[index] === found[index]) continue;
      return { path, difference: `rule ${path}: ${found[index]} ${names[index]}, not ${expected[index]}` };
    }
  }
  return undefined;
}

/** Numbers as numbers: rule 9 comes before rule 10. */
function comparePaths(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

export interface ModelState {
  readonly text: string;
  readonly expires: number;
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
}

export function compareStates(recorded: readonly CaseState[], model: readonly ModelState[]): string | undefined {
  const left = [...model];
  for (const expected of recorded) {
    const at = left.findIndex(({ text }) => text === expected.text);
    const found = left[at];
    if (found === undefined) {
      const others = left.map(({ text }) => `"${text}"`).join(", ");
      return `no state "${expected.text}" (the model has ${others || "none"})`;
    }
    left.splice(at, 1);
    const counted = `${found.packets} packets, ${found.bytes} bytes`;
    const wanted = `${expected.pkts} packets, ${expected.bytes} bytes`;
    if (counted !== wanted) return `state "${expected.text}": ${counted}, not ${wanted}`;
    // Recorded in whole seconds, some time after the fact.
    if (Math.abs(found.expires - expected.expires) > 3) {
      return `state "${expected.text}" expires in ${found.expires} s, not ${expected.expires}`;
    }
  }
  return left[0] === undefined ? undefined : `a state too many: "${left[0].text}"`;
}
