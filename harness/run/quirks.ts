/**
 * The quirky players: every file in `scenarios/servers` and `scenarios/clients`. Loads only those that are asked for.
 *
 * @example
 * await readQuirks("server", ["pasv-227-*"]) // [{ name: "pasv-227-no-parens", quirk }, …]
 */

import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Peer } from "../contract/lab.ts";
import { isQuirk, type Quirk, type QuirkFor } from "../players/ftp/quirk.ts";
import { OWN_SCENARIOS } from "./catalogue.ts";
import { loadDefault, modulesIn } from "./discover.ts";
import { NoSuchQuirk } from "./no-such-quirk.ts";
import { patternOf } from "./pattern.ts";

export interface NamedQuirk<Kind extends Quirk = Quirk> {
  readonly name: string;
  readonly file: string;
  readonly quirk: Kind;
}

const fileNamed = (file: string) => ({ file, name: basename(file).replace(/\.\w+$/, "") });

/** A pattern, or the path of a user's own file. In the order of the names. Throws NoSuchQuirk when a pattern matches none. `folders`: the catalogues to look in. */
export async function readQuirks<P extends Peer>(
  peer: P,
  patterns: readonly string[] = ["*"],
  folders: readonly string[] = [OWN_SCENARIOS],
): Promise<NamedQuirk<QuirkFor<P>>[]> {
  const found: { readonly name: string; readonly file: string }[] = [];
  for (const folder of folders.map((one) => `${one}/${peer}s`).filter((one) => existsSync(one))) {
    for (const file of await modulesIn(folder)) found.push(fileNamed(file));
  }
  const chosen = new Map<string, string>();
  for (const pattern of patterns) {
    const isFile = /\.[cm]?[jt]s$/.test(pattern) && existsSync(pattern);
    const matching = isFile ? [fileNamed(resolve(pattern))] : found.filter(({ name }) => patternOf(pattern).test(name));
    if (matching.length === 0) {
      throw new NoSuchQuirk(
        peer,
        pattern,
        found.map(({ name }) => name),
      );
    }
    for (const { name, file } of matching) chosen.set(name, file);
  }
  const is = (value: unknown): value is QuirkFor<P> => isQuirk(value) && value.quirk === peer;
  return Promise.all(
    [...chosen].map(async ([name, file]) => ({
      name,
      file,
      quirk: await loadDefault(file, `quirky ${peer} (write \`export default quirky…({ … })\`)`, is),
    })),
  );
}

/** Exactly that one. Throws NoSuchQuirk. */
export async function readQuirk<P extends Peer>(peer: P, name: string): Promise<NamedQuirk<QuirkFor<P>>> {
  const found = await readQuirks(peer, [name]);
  if (found.length > 1)
    throw new NoSuchQuirk(
      peer,
      name,
      found.map((one) => one.name),
    );
  return found[0]!;
}
