/**
 * How one gets onto a host of a standing lab: into the namespaces of its agent. An ordinary user becomes root there,
 * as the lab is.
 *
 * @example
 * inside(lab.hosts.client, ["ftp", "198.51.100.7"]) // ["nsenter", "--target=4711", …]
 */

import { isRoot } from "../privilege.ts";
import type { StandingHost } from "./standing-lab.ts";

/**
 * The command line that runs another one on a host. nsenter(1) goes to `/`; `directory` is where the
 * program is to be.
 */
export const inside = (host: StandingHost, line: readonly string[], directory = "/"): string[] => [
  "nsenter",
  ...(isRoot() ? [] : ["--user", "--preserve-credentials"]),
  ...[`--target=${host.pid}`, "--net", "--mount", "--"],
  ...["sh", "-c", 'cd -- "$0"; exec "$@"', directory],
  ...line,
];
