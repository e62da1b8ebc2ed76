/**
 * The lab's network with the names and addresses of the user's rule set: its two sides as lint finds them, and hosts
 * that the rules know.
 *
 * @example
 * networkPlan(analyse(text, {}), "inet") // { inside: { name: "vlan10", … }, outside: { name: "pppoe0", … }, others: [] }
 */

import type { NetworkPlan, PlannedInterface, PlannedNetwork } from "../../contract/lab.ts";
import { labPlan } from "../../labs/model/topology.ts";
import { networkOf } from "../../pf/engine/tables/address.ts";
import type { Family } from "../../pf/packet.ts";
import type { Analysis } from "../lint/analysis.ts";
import type { Endpoints } from "../lint/endpoints.ts";
import { hostOf } from "../lint/machine.ts";

const BITS = { inet: 24, inet6: 64 } as const;
/** The last part of an intruder's address. */
const INTRUDER = 66;

/** Undefined if the machine has no addresses of that family on both sides. */
export function networkPlan(analysis: Analysis, family: Family): NetworkPlan | undefined {
  const session = analysis.sessions.find(({ endpoints }) => endpoints.family === family);
  if (session === undefined) return undefined;
  const { machine, reverse } = analysis;
  const at = session.endpoints;
  const [insidePeer, outsidePeer] = reverse ? [at.server, at.client] : [at.client, at.server];
  const [inside, outside] = reverse
    ? [at.serverInterface, at.clientInterface]
    : [at.clientInterface, at.serverInterface];
  const planned: readonly PlannedInterface[] = machine.interfaces
    .filter(({ loopback }) => loopback !== true)
    .map(({ name, groups, addresses }) => ({
      name,
      groups,
      addresses: addresses
        .filter(({ address }) => !/^fe80/i.test(address))
        .map(({ address, prefix }) => `${address}/${prefix}`),
    }));
  const network = (name: string, peer: string, side: "inside" | "outside"): PlannedNetwork => {
    const one = planned.find((each) => each.name === name) ?? { name, groups: [], addresses: [] };
    const spare = labPlan(reverse ? "reverse" : "forward")[side];
    const intruder = hostOf(networkOf(peer, BITS[family]), INTRUDER);
    return {
      ...one,
      addresses: side === "outside" ? mainFirst(one.addresses, at, reverse) : one.addresses,
      peer: { ...spare.peer, [family]: peer },
      intruder: { ...spare.intruder, [family]: intruder },
    };
  };
  return {
    inside: network(inside, insidePeer, "inside"),
    outside: network(outside, outsidePeer, "outside"),
    others: planned.filter(({ name }) => name !== inside && name !== outside),
  };
}

/** Clients of a reverse set-up dial the first address; in a forward one the proxy's connections come from it. */
function mainFirst(addresses: readonly string[], { dialled, proxy, family }: Endpoints, reverse: boolean): string[] {
  const main = reverse ? dialled : proxy;
  const known = addresses.find((text) => text.startsWith(`${main}/`)) ?? `${main}/${BITS[family]}`;
  return [known, ...addresses.filter((text) => text !== known)];
}
