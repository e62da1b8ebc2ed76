/**
 * The releases of `vm/releases.json` and their machines in the Vagrantfile.
 *
 * @example
 * findRelease(await readReleases(), "openbsd", "7.8") // { name: "openbsd-7.8", system: "openbsd", version: "7.8", … }
 */

import { readFile } from "node:fs/promises";
import type { Era } from "../../contract/lab.ts";
import { packageFile } from "../../package.ts";

export type SystemName = "openbsd" | "freebsd";

export interface Release {
  /** Of the machine in the Vagrantfile: `openbsd-7.8`, `freebsd-14`. */
  readonly name: string;
  readonly system: SystemName;
  readonly version: string;
  readonly era: Era;
  /** The providers with a public box. */
  readonly providers: readonly string[];
}

export interface Releases {
  readonly all: readonly Release[];
  /** The name of the default machine. */
  readonly byDefault: string;
}

/** There is no such release; the message lists those there are. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}

const TABLE = packageFile("vm/releases.json");

interface Table {
  readonly default: string;
  readonly releases: Readonly<
    Record<string, Omit<Release, "name" | "providers"> & { readonly boxes: Readonly<Record<string, unknown>> }>
  >;
}

export async function readReleases(): Promise<Releases> {
  const table = JSON.parse(await readFile(TABLE, "utf8")) as Table;
  const all = Object.entries(table.releases).map(
    ([name, { system, version, era, boxes }]): Release => ({
      ...{ name, system, version, era },
      providers: Object.keys(boxes),
    }),
  );
  return { all, byDefault: table.default };
}

/** `release`: `7.8`, or as in the machine's name, `14`; without it the default, or the first of that system. Throws ReleaseError. */
export function findRelease({ all, byDefault }: Releases, system: SystemName, release?: string): Release {
  const own = all.filter((one) => one.system === system);
  const found =
    release === undefined
      ? (own.find(({ name }) => name === byDefault) ?? own[0])
      : own.find(({ name, version }) => version === release || name === `${system}-${release}`);
  if (found !== undefined) return found;
  const there = own.map(({ version }) => `${system}@${version}`).join(", ");
  throw new ReleaseError(`there is no ${system}@${release ?? ""}; vm/releases.json has ${there || `no ${system}`}`);
}

/** By the name of a machine or a lab: `openbsd-7.8`, `openbsd@7.8`. Throws ReleaseError. */
export function namedRelease(releases: Releases, name: string): Release {
  const [system = "", release] = name.split("@");
  const found = releases.all.find((one) => one.name === name);
  if (found !== undefined) return found;
  if (system === "openbsd" || system === "freebsd") return findRelease(releases, system, release);
  const there = releases.all.map((one) => one.name).join(", ");
  throw new ReleaseError(`no machine is called "${name}"; vm/releases.json has ${there}`);
}
