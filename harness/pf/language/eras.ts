/**
 * The three PF languages: `divert-to` (OpenBSD 5.0 and later; 7.8 in detail), `rdr-to` (OpenBSD 4.7 to 4.9),
 * `rdr-anchor` (OpenBSD before 4.7, and FreeBSD), and the words of each. The parser refuses a word of another era, or
 * of an older language that the model lacks, with a sentence that names it.
 */

import type { Reader } from "./tokens/reader.ts";

export type Era = "divert-to" | "rdr-to" | "rdr-anchor";

/** The systems whose language it is. */
export const ERA_NAMES: Readonly<Record<Era, string>> = {
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

/** Words that FreeBSD has but the older OpenBSD did not. Source: its pf.conf(5) and parse.y of 12 to 15. */
const onFreeBSD = new Map([["divert-to", "FreeBSD's own, to divert(4), is not in the model"]]);
onFreeBSD.set("set", "FreeBSD's, for prio, is not in the model");
for (const word of sinceRdrTo.split(" ")) onFreeBSD.set(word, "FreeBSD has it since 15, the model does not");

const owners = new Map<string, readonly Era[]>();
for (const word of sinceDivertTo.split(" ")) owners.set(word, ["divert-to"]);
for (const word of sinceRdrTo.split(" ")) owners.set(word, ["rdr-to", "divert-to"]);
for (const word of rdrAnchorOnly.split(" ")) owners.set(word, ["rdr-anchor"]);

/**
 * The reserved words of pf.conf(5) in OpenBSD 7.8. A bare word in this set is a keyword, any other is a string; in
 * quotes all are strings.
 */
const words = `
  af-to all allow-opts anchor antispoof any bandwidth binat-to bitmask block block-policy burst code debug default
  delay divert-packet divert-reply divert-to drop dup-to file fingerprints flags floating flows flush for fragment
  from global group hostid icmp-type icmp6-type if-bound in include inet inet6 keep label least-states limit load log
  loginterface match matches max max-mss max-pkt-rate max-src-conn max-src-conn-rate max-src-nodes max-src-states min
  min-ttl modulate nat-to no no-df no-route no-sync on once optimization os out overload parent pass pflow port prio
  probability proto qlimit quantum queue quick random random-id rdomain rdr-to reassemble received-on reply-to return
  return-icmp return-icmp6 return-rst round-robin route route-to rtable rule ruleset-optimization scrub set skip sloppy
  source-hash source-track state state-defaults state-policy static-port sticky-address syncookies synproxy table tag
  tagged timeout to tos ttl urpf-failed user weight
`;

const keywords: ReadonlySet<string> = new Set(words.trim().split(/\s+/));

const oldKeywords: ReadonlySet<string> = new Set([...keywords, ...rdrAnchorOnly.split(" "), "crop", "drop-ovl", "->"]);

export const keywordsOf = (era: Era): ReadonlySet<string> => (era === "rdr-anchor" ? oldKeywords : keywords);

/** `"divert-to" belongs to the era divert-to (OpenBSD 5.0 and later); this text is in rdr-to (OpenBSD 4.7 to 4.9)` */
export function eraComplaint(word: string, era: Era): string | undefined {
  const eras = owners.get(word);
  return eras === undefined || eras.includes(era) ? undefined : complaint(word, "", eras, era);
}

function complaint(word: string, place: string, eras: readonly Era[], era: Era): string {
  const where = eras.map((one) => `${one} (${ERA_NAMES[one]})`).join(" and ");
  const note = era === "rdr-anchor" && onFreeBSD.has(word) ? `; ${onFreeBSD.get(word)}` : "";
  return `"${word}"${place} belongs to the era${eras.length > 1 ? "s" : ""} ${where}; this text is in ${era} (${ERA_NAMES[era]})${note}`;
}

/** Fails at a statement of altq(4), which OpenBSD had until 5.4 and FreeBSD has. */
export function refuseAltq(reader: Reader, era: Era): void {
  const word = reader.word();
  if (era === "divert-to" || (word !== "altq" && word !== "queue")) return;
  reader.fail(`"${word}" is of altq(4), which the model does not have: its queues are those of OpenBSD 5.5 and later`);
}

/** Fails at a route: until 4.6 and on FreeBSD it comes before the family and names an interface. */
export function refuseOldRoute(reader: Reader, era: Era): void {
  const word = reader.word();
  if (era !== "rdr-anchor" || !["route-to", "reply-to", "dup-to", "fastroute"].includes(word)) return;
  const form = word === "fastroute" ? "" : `, here "${word} (interface address)" before the family,`;
  reader.fail(`"${word}"${form} is not in the model of ${era} (${ERA_NAMES[era]})`);
}

/** Fails if the next word is of another era. OpenBSD 7.8 itself calls old words a "syntax error": so for its era. */
export function refuseOtherEra(reader: Reader, era: Era): void {
  if (era === "divert-to") return;
  const text = eraComplaint(reader.word(), era);
  if (text !== undefined) reader.fail(text);
}

/** Fails if rules of this era cannot have `word`. */
export function requireEra(reader: Reader, era: Era, word: string, eras: readonly Era[]): void {
  if (!eras.includes(era)) reader.fail(complaint(word, " in a rule", eras, era));
}
