/**
 * The three PF languages, named as everywhere in this project: `divert-to` (OpenBSD 5.0 and later; 7.8 in detail),
 * `rdr-to` (OpenBSD 4.7 to 4.9), `rdr-anchor` (OpenBSD before 4.7, and FreeBSD). A word that only another era knows is
 * refused with a sentence that says which; so is what the model does not have of an older language.
 */

import { keywords } from "./tokens/keywords.ts";
import type { Reader } from "./tokens/reader.ts";

export type Era = "divert-to" | "rdr-to" | "rdr-anchor";

const systems: Record<Era, string> = {
  "divert-to": "OpenBSD 5.0 and later",
  "rdr-to": "OpenBSD 4.7 to 4.9",
  "rdr-anchor": "OpenBSD before 4.7, and FreeBSD",
};

/** Words of today that OpenBSD 4.7 to 4.9 did not have. */
const sinceDivertTo = "divert-to divert-reply af-to once received-on prio max-pkt-rate least-states syncookies";
/** Words of OpenBSD 4.7 and later. */
const sinceRdrTo = "match nat-to rdr-to binat-to";
/** Statements of OpenBSD before 4.7 and of FreeBSD. */
const rdrAnchorOnly = "nat rdr binat nat-anchor rdr-anchor binat-anchor";

/** What FreeBSD makes of words that the older OpenBSD did not have. Source: its pf.conf(5) and parse.y of 12 to 15. */
const onFreeBSD = new Map([["divert-to", "FreeBSD's own, to divert(4), is not in the model"]]);
onFreeBSD.set("set", "FreeBSD's, for prio, is not in the model");
for (const word of sinceRdrTo.split(" ")) onFreeBSD.set(word, "FreeBSD has it since 15, the model does not");

const owners = new Map<string, readonly Era[]>();
for (const word of sinceDivertTo.split(" ")) owners.set(word, ["divert-to"]);
for (const word of sinceRdrTo.split(" ")) owners.set(word, ["rdr-to", "divert-to"]);
for (const word of rdrAnchorOnly.split(" ")) owners.set(word, ["rdr-anchor"]);

const oldKeywords: ReadonlySet<string> = new Set([...keywords, ...rdrAnchorOnly.split(" "), "crop", "drop-ovl", "->"]);

export const keywordsOf = (era: Era): ReadonlySet<string> => (era === "rdr-anchor" ? oldKeywords : keywords);

/** `"divert-to" belongs to the era divert-to (OpenBSD 5.0 and later); this text is in rdr-to (OpenBSD 4.7 to 4.9)` */
export function eraComplaint(word: string, era: Era): string | undefined {
  const eras = owners.get(word);
  return eras === undefined || eras.includes(era) ? undefined : complaint(word, "", eras, era);
}

function complaint(word: string, place: string, eras: readonly Era[], era: Era): string {
  const where = eras.map((one) => `${one} (${systems[one]})`).join(" and ");
  const note = era === "rdr-anchor" && onFreeBSD.has(word) ? `; ${onFreeBSD.get(word)}` : "";
  return `"${word}"${place} belongs to the era${eras.length > 1 ? "s" : ""} ${where}; this text is in ${era} (${systems[era]})${note}`;
}

/** Fails at a statement of altq(4), which OpenBSD had until 5.4 and FreeBSD has. */
export function refuseAltq(reader: Reader, era: Era): void {
  const word = reader.word();
  if (era === "divert-to" || (word !== "altq" && word !== "queue")) return;
  reader.fail(`"${word}" is of altq(4), which the model does not have: its queues are those of OpenBSD 5.5 and later`);
}

/** Fails at a route, which until 4.6 and on FreeBSD stands before the family and names an interface. */
export function refuseOldRoute(reader: Reader, era: Era): void {
  const word = reader.word();
  if (era !== "rdr-anchor" || !["route-to", "reply-to", "dup-to", "fastroute"].includes(word)) return;
  const form = word === "fastroute" ? "" : `, here "${word} (interface address)" before the family,`;
  reader.fail(`"${word}"${form} is not in the model of ${era} (${systems[era]})`);
}

/** Fails if the next word is of another era. OpenBSD 7.8 itself says "syntax error" to old words, and so do we. */
export function refuseOtherEra(reader: Reader, era: Era): void {
  if (era === "divert-to") return;
  const text = eraComplaint(reader.word(), era);
  if (text !== undefined) reader.fail(text);
}

/** Fails if `word` could not stand in a rule of this era. */
export function requireEra(reader: Reader, era: Era, word: string, eras: readonly Era[]): void {
  if (!eras.includes(era)) reader.fail(complaint(word, " in a rule", eras, era));
}
