/**
 * The three PF languages: `divert-to` (OpenBSD 5.0 and later; 7.8 in detail), `rdr-to` (OpenBSD 4.7 to 4.9),
 * `rdr-anchor` (OpenBSD before 4.7, and FreeBSD). releases.ts has the differences between releases of one era.
 */

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

const owners = new Map<string, readonly Era[]>();
for (const word of sinceDivertTo.split(" ")) owners.set(word, ["divert-to"]);
for (const word of sinceRdrTo.split(" ")) owners.set(word, ["rdr-to", "divert-to"]);
for (const word of rdrAnchorOnly.split(" ")) owners.set(word, ["rdr-anchor"]);

/** `"divert-to" belongs to the era divert-to (OpenBSD 5.0 and later); this text is in rdr-to (OpenBSD 4.7 to 4.9)` */
export function eraComplaint(word: string, era: Era): string | undefined {
  const eras = owners.get(word);
  if (eras === undefined || eras.includes(era)) return undefined;
  const where = eras.map((one) => `${one} (${ERA_NAMES[one]})`).join(" and ");
  return `"${word}" belongs to the era${eras.length > 1 ? "s" : ""} ${where}; this text is in ${era} (${ERA_NAMES[era]})`;
}
