/**
 * A lab that `lab up` runs for people, as its daemon describes it to the other commands: a file in the run's folder,
 * written when the lab is ready and removed with it.
 *
 * @example
 * const lab = findLab("lab"); // undefined: no lab of that name is running
 * lab.hosts.client.namespace // "anchorage-4711-forward-client"
 */

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Era, HostName, Side } from "../../../contract/lab.ts";
import { isRoot } from "../privilege.ts";
import { liveRuns } from "../run-folder.ts";

export interface RunningHost {
  readonly namespace: string;
  /** Of the agent, whose namespaces are the host's. */
  readonly pid: number;
  readonly addresses: readonly string[];
}

export interface RunningLab {
  readonly name: string;
  /** Of the daemon. */
  readonly pid: number;
  /** The run's folder. */
  readonly path: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  readonly side: Side;
  readonly era: Era;
  readonly subject: string;
  /** The command lines of the proxies. */
  readonly commands: readonly string[];
  readonly server: string;
  /** How to log in at the server. */
  readonly account: string;
  /** The addresses that a client dials. */
  readonly dialled: readonly string[];
  /** The file that is the firewall's /etc/pf.conf. Absent: PF is out of the way. */
  readonly pfConf?: string;
  /** The file of nft(8) rules by which the firewall's kernel forwards in PF's place. */
  readonly kernelRules?: string;
  readonly capture?: string;
  readonly hosts: Readonly<Record<HostName, RunningHost>>;
}

/** For a lab without `--name`. */
export const DEFAULT_NAME = "lab";
/** No number: runs without a name have the number of their process. */
export const isName = (text: string): boolean => /^[a-z][a-z0-9-]{0,30}$/.test(text);

const FILE = "lab.json";

export const controlSocket = (path: string): string => join(path, "control");
/** Comes first in the PATH of programs on the hosts. */
export const binFolder = (path: string): string => join(path, "bin");

export function writeDescription(lab: RunningLab): void {
  const file = join(lab.path, FILE);
  writeFileSync(`${file}.new`, JSON.stringify(lab));
  renameSync(`${file}.new`, file);
}

/** Those that are ready. */
export function runningLabs(): RunningLab[] {
  return liveRuns().flatMap(({ path }) => {
    try {
      return [JSON.parse(readFileSync(join(path, FILE), "utf8")) as RunningLab];
    } catch {
      // Another kind of run, or a lab that is not ready yet.
      return [];
    }
  });
}

export const findLab = (name: string): RunningLab | undefined => runningLabs().find((lab) => lab.name === name);

/**
 * The command line that runs another one on a host, in the namespaces of its agent. An ordinary user becomes root there.
 * nsenter(1) changes to `/`; `directory` is where the program starts.
 *
 * @example
 * commandOn(lab.hosts.client, ["ftp", "198.51.100.7"]) // ["nsenter", "--target=4711", ...]
 */
export const commandOn = (host: RunningHost, line: readonly string[], directory = "/"): string[] => [
  "nsenter",
  ...(isRoot() ? [] : ["--user", "--preserve-credentials"]),
  ...[`--target=${host.pid}`, "--net", "--mount", "--"],
  ...["sh", "-c", 'cd -- "$0"; exec "$@"', directory],
  ...line,
];
