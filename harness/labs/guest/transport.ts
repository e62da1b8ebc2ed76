/**
 * The way to a guest: starts an agent on one of its hosts. Whether by ssh or by any other pipe is no
 * matter to the lab.
 */

import { type BytePipe, startAgent } from "../../agent/runner/pipe.ts";
import type { HostName } from "../../contract/lab.ts";

export interface Transport {
  /** For people: whom messages speak of. */
  readonly destination: string;
  /** `within`: what stands before the agent's command on the guest. */
  agent(host: HostName, within: readonly string[]): BytePipe;
  close(): void;
}

/** There is no way to the guest; the message goes on after the lab's name: "cannot be reached: …". */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/**
 * Any pipe: `CMD {host}`, run by a shell, must end in an agent of that host, as root there. It is started
 * once for each host, and once more for the firewall.
 *
 * @example
 * commandTransport("ssh {host} perl anchorage-agent.pl")
 */
export function commandTransport(template: string): Transport {
  return {
    destination: template,
    agent: (host) => startAgent("sh", ["-c", template.replaceAll("{host}", host)]),
    close: () => {},
  };
}
