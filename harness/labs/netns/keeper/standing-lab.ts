/**
 * A lab that stands for people, as its keeper describes it to everybody else: a file in the run's
 * folder, written when the lab is ready and gone with it.
 *
 * @example
 * const lab = findLab("lab"); // undefined: none of that name stands
 * lab.hosts.client.namespace // "anchorage-4711-forward-client"
 */

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Era, HostName, Side } from "../../../contract/lab.ts";
import { liveRuns } from "../run-folder.ts";

export interface StandingHost {
  readonly namespace: string;
  /** Of the agent: its namespaces are the host's. */
  readonly pid: number;
  readonly addresses: readonly string[];
}

export interface StandingLab {
  readonly name: string;
  /** The keeper's. */
  readonly pid: number;
  /** The run's folder. */
  readonly path: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  readonly side: Side;
  readonly era: Era;
  readonly subject: string;
  /** The proxies, as one would type them. */
  readonly commands: readonly string[];
  readonly server: string;
  /** How to log in at the server. */
  readonly account: string;
  /** What a client dials. */
  readonly dialled: readonly string[];
  /** The file that is the firewall's /etc/pf.conf. Absent: PF is out of the way. */
  readonly pfConf?: string;
  /** The nft(8) rules by which the firewall's own kernel forwards in PF's place: a file. */
  readonly kernelRules?: string;
  readonly capture?: string;
  readonly hosts: Readonly<Record<HostName, StandingHost>>;
}

/** What a person calls a lab of which there is only one. */
export const DEFAULT_NAME = "lab";
/** A number would be another run's. */
export const isName = (text: string): boolean => /^[a-z][a-z0-9-]{0,30}$/.test(text);

const FILE = "lab.json";

export const controlSocket = (path: string): string => join(path, "control");
/** What programs on the hosts find before the machine's own. */
export const binFolder = (path: string): string => join(path, "bin");

export function writeDescription(lab: StandingLab): void {
  const file = join(lab.path, FILE);
  writeFileSync(`${file}.new`, JSON.stringify(lab));
  renameSync(`${file}.new`, file);
}

/** Those that are ready, by name. */
export function standingLabs(): StandingLab[] {
  return liveRuns().flatMap(({ path }) => {
    try {
      return [JSON.parse(readFileSync(join(path, FILE), "utf8")) as StandingLab];
    } catch {
      // A run that is no standing lab, or one that is still being set up.
      return [];
    }
  });
}

export const findLab = (name: string): StandingLab | undefined => standingLabs().find((lab) => lab.name === name);
