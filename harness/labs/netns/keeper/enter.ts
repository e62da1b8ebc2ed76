/**
 * How one gets onto a host of a standing lab: into the namespaces of its agent.
 *
 * @example
 * inside(lab.hosts.client, ["ftp", "198.51.100.7"]) // ["nsenter", "--target=4711", …]
 */

import type { StandingHost } from "./standing-lab.ts";

/** The command line that runs another one on a host. */
export const inside = (host: StandingHost, line: readonly string[]): string[] => [
  "nsenter",
  ...[`--target=${host.pid}`, "--net", "--mount", "--"],
  ...line,
];
