/** One quirk by its name, its file or itself. The catalogue is read only when a name is looked up. */

import type { Peer } from "../contract/lab.ts";
import type { QuirkFor } from "../players/ftp/quirk.ts";
import { QUIRK } from "../players/pairing/names.ts";

/** Rejects with NoSuchQuirk. */
export async function quirkNamed<P extends Peer>(
  peer: P,
  quirk: string | QuirkFor<P>,
): Promise<{ readonly name: string; readonly quirk: QuirkFor<P> }> {
  if (typeof quirk !== "string") return { name: quirk.title, quirk };
  const name = quirk.startsWith(QUIRK) ? quirk.slice(QUIRK.length) : quirk;
  const { readQuirk } = await import("../run/quirks.ts");
  return readQuirk(peer, name);
}
