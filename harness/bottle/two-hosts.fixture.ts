/**
 * For tests: a client and a server on one simulated network, no firewall between them.
 *
 * @example
 * const hosts = twoHosts();
 * await hosts.play(talk(hosts.client, hosts.server));
 */

import type { LogLine, SimHost } from "../labs/sim/host.ts";
import { Network } from "../labs/sim/network.ts";
import type { Link, LinkOptions } from "../net/ip/link.ts";
import type { VirtualClock } from "../net/time/clock.ts";
import type { Recording } from "../net/wire/recording.ts";

export const SERVER = { inet: "198.51.100.7", inet6: "2001:db8:2::7" } as const;
export const CLIENT = { inet: "198.51.100.5", inet6: "2001:db8:2::5" } as const;

export interface TwoHosts {
  readonly clock: VirtualClock;
  /** The link between them; tests install faults on it. */
  readonly link: Link;
  readonly client: SimHost;
  readonly server: SimHost;
  /** Every packet, as both hosts saw it. */
  readonly capture: Recording;
  readonly logged: readonly LogLine[];
  /** Lets virtual time pass until the promise settles, an hour at most by default. */
  play<T>(what: Promise<T> | (() => Promise<T>), limitMs?: number): Promise<T>;
}

export function twoHosts(options: { readonly seed?: number; readonly link?: LinkOptions } = {}): TwoHosts {
  const network = new Network({ seed: options.seed ?? 1 });
  const link = network.link("lan", options.link);
  const logged: LogLine[] = [];
  const host = (name: string, { inet, inet6 }: typeof SERVER | typeof CLIENT): SimHost =>
    network.host(name, {
      interfaces: [{ name: "em0", link, addresses: [`${inet}/24`, `${inet6}/64`] }],
      log: (line) => void logged.push(line),
    });
  const client = host("client", CLIENT);
  const server = host("server", SERVER);
  return {
    clock: network.clock,
    link,
    client,
    server,
    capture: network.capture(client, server),
    logged,
    play: (what, limitMs = 3_600_000) =>
      network.clock.runUntilSettled(typeof what === "function" ? what() : what, { limitMs }),
  };
}
