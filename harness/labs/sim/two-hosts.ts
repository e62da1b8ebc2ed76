/**
 * The smallest network: `left` and `right` on one link, for tests and benchmarks of what lies between
 * two sockets.
 *
 * @example
 * const { network, left, right, link } = twoHosts({ seed: 1, link: { latencyMs: 10 } });
 * left.connect({ address: RIGHT.inet, port: 21 });
 */

import type { Link, LinkOptions } from "../../net/ip/link.ts";
import type { Recording } from "../../net/wire/recording.ts";
import type { SimHost, SimHostOptions } from "./host.ts";
import { Network } from "./network.ts";

export const LEFT = { inet: "192.0.2.1", inet6: "2001:db8::1" } as const;
export const RIGHT = { inet: "192.0.2.2", inet6: "2001:db8::2" } as const;

export interface TwoHosts {
  readonly network: Network;
  readonly link: Link;
  readonly left: SimHost;
  readonly right: SimHost;
  /** Of the left host. */
  readonly capture: Recording;
}

export function twoHosts(
  options: {
    readonly seed?: number;
    readonly link?: LinkOptions;
    readonly left?: SimHostOptions;
    readonly right?: SimHostOptions;
  } = {},
): TwoHosts {
  const network = new Network({ seed: options.seed ?? 1 });
  const link = network.link("wire", options.link);
  const plan = (addresses: Readonly<Record<"inet" | "inet6", string>>) => ({
    interfaces: [{ name: "em0", link, addresses: [`${addresses.inet}/24`, `${addresses.inet6}/64`] }],
  });
  const left = network.host("left", { ...options.left, ...plan(LEFT) });
  const right = network.host("right", { ...options.right, ...plan(RIGHT) });
  return { network, link, left, right, capture: network.capture(left) };
}
