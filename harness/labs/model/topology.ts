/**
 * The network in which scenarios are played: an inside and an outside network, the firewall between
 * them, an intruder on each network. `side` decides where client and server are.
 *
 *     inside 10.0.0.0/24, 2001:db8:1::/64        outside 198.51.100.0/24, 2001:db8:2::/64
 *       client .5 (reverse: server .20)   em1 .1 firewall .1 em0   server .7 (reverse: client .50)
 *       inside-intruder .66                      (egress)          outside-intruder .66
 *
 * Hosts inside have link-local addresses too, fe80::5 and so on.
 * Hosts outside have no route back to 10.0.0.0/24, as it is private; to 2001:db8:1::/64 they go
 * through the firewall. The last part of each IPv6 address reads like the IPv4 one.
 *
 * @example
 * const { network, client, firewall, server } = topology({ seed: 1, side: "forward" });
 * firewall.node.setFilter(engine);
 */

import type { HostName, NetworkPlan, PlannedInterface, PlannedNetwork, Side } from "../../contract/lab.ts";
import type { Link, LinkOptions } from "../../net/ip/link.ts";
import { contains, parsePrefix } from "../../net/ip/prefix.ts";
import type { Route } from "../../net/ip/routing-table.ts";
import { familyOf } from "../../net/wire/address.ts";
import type { Family } from "../../pf/packet.ts";
import type { Interface } from "../../pf/ruleset.ts";
import type { SimHost, SimHostOptions } from "../sim/host.ts";
import { Network } from "../sim/network.ts";

export interface TopologyOptions {
  readonly seed: number;
  /** `forward`: the client inside, the server outside; `reverse`: the other way round. */
  readonly side: Side;
  readonly inside?: LinkOptions;
  readonly outside?: LinkOptions;
  /** The firewall has a second address on each network. */
  readonly secondAddress?: boolean;
  /** Other names and addresses. */
  readonly plan?: NetworkPlan;
  /** Settings of all hosts. */
  readonly hosts?: SimHostOptions;
  /** Settings of one host. */
  readonly host?: Partial<Record<HostName, SimHostOptions>>;
  readonly startMs?: number;
}

export interface Topology {
  readonly network: Network;
  readonly inside: Link;
  readonly outside: Link;
  readonly client: SimHost;
  readonly firewall: SimHost;
  readonly server: SimHost;
  readonly insideIntruder: SimHost;
  readonly outsideIntruder: SimHost;
  readonly hosts: Readonly<Record<HostName, SimHost>>;
}

/** The firewall's own addresses. */
export const FIREWALL: Readonly<Record<"inside" | "outside", Readonly<Record<Family, string>>>> = {
  inside: { inet: "10.0.0.1", inet6: "2001:db8:1::1" },
  outside: { inet: "198.51.100.1", inet6: "2001:db8:2::1" },
};

/** Its second addresses, in plays that ask for them. */
export const SECOND: typeof FIREWALL = {
  inside: { inet: "10.0.0.2", inet6: "2001:db8:1::2" },
  outside: { inet: "198.51.100.2", inet6: "2001:db8:2::2" },
};

/** Which interface of the firewall is in which network. */
export const FIREWALL_INTERFACE = { inside: "em1", outside: "em0" } as const;

/** The last part of each address. */
const INSIDE = { intruder: 66, client: 5, server: 20 } as const;
const OUTSIDE = { intruder: 66, client: 50, server: 7 } as const;

/** The lab's own names and addresses. */
export function labPlan(side: Side, secondAddress = false): NetworkPlan {
  const network = (name: "inside" | "outside", peer: number, intruder: number): PlannedNetwork => {
    const at = (number: number) =>
      name === "inside"
        ? { inet: `10.0.0.${number}`, inet6: `2001:db8:1::${number}` }
        : { inet: `198.51.100.${number}`, inet6: `2001:db8:2::${number}` };
    const own = [FIREWALL, ...(secondAddress ? [SECOND] : [])].map(({ [name]: addresses }) => addresses);
    return {
      name: FIREWALL_INTERFACE[name],
      groups: name === "outside" ? ["egress"] : [],
      addresses: own.flatMap(({ inet, inet6 }) => [`${inet}/24`, `${inet6}/64`]),
      peer: at(peer),
      intruder: at(intruder),
    };
  };
  const [inside, outside] =
    side === "forward" ? ([INSIDE.client, OUTSIDE.server] as const) : ([INSIDE.server, OUTSIDE.client] as const);
  return {
    inside: network("inside", inside, INSIDE.intruder),
    outside: network("outside", outside, OUTSIDE.intruder),
    others: [],
  };
}

const withoutPrefix = (address: string): string => address.slice(0, address.indexOf("/"));

/** The firewall's main address of each family there. */
export function mainAddresses({ addresses }: PlannedInterface): Record<Family, string> {
  const hosts = addresses.map(withoutPrefix);
  const first = (family: Family) => hosts.find((host) => familyOf(host) === family) ?? "";
  return { inet: first("inet"), inet6: first("inet6") };
}

export function topology(options: TopologyOptions): Topology {
  const { side, plan = labPlan(side, options.secondAddress) } = options;
  const network = new Network(options);
  const inside = network.link("inside", options.inside);
  const outside = network.link("outside", options.outside);
  const settings = (name: HostName): SimHostOptions => ({ ...options.hosts, ...options.host?.[name] });

  const firewall = network.host("firewall", {
    ...settings("firewall"),
    forwarding: true,
    interfaces: [
      { ...interfaceOf(plan.outside), link: outside },
      { ...interfaceOf(plan.inside), link: inside },
      ...plan.others.map((one) => ({ ...interfaceOf(one), link: network.link(one.name) })),
    ],
    routes: [
      // Addresses have no scope here: link-local ones are those of the inside network.
      { prefix: "fe80::/10", interface: plan.inside.name },
      ...[plan.inside, plan.outside].flatMap((one) => hostRoutes(hostsIn(one), one.addresses, one.name)),
    ],
  });
  const insideHost = (name: HostName, addresses: PlannedNetwork["peer"], number: number): SimHost => {
    const own = [`${addresses.inet}/24`, `${addresses.inet6}/64`];
    const gateway = mainAddresses(plan.inside);
    return network.host(name, {
      ...settings(name),
      interfaces: [{ name: "em0", link: inside, addresses: [...own, `fe80::${number}/64`] }],
      routes: [
        { prefix: "0.0.0.0/0", interface: "em0", gateway: gateway.inet },
        { prefix: "::/0", interface: "em0", gateway: gateway.inet6 },
      ],
    });
  };
  const outsideHost = (name: HostName, addresses: PlannedNetwork["peer"]): SimHost => {
    const own = [`${addresses.inet}/24`, `${addresses.inet6}/64`];
    const firewallHosts = plan.outside.addresses.map(withoutPrefix);
    return network.host(name, {
      ...settings(name),
      interfaces: [{ name: "em0", link: outside, addresses: own }],
      routes: [
        { prefix: `${plan.inside.peer.inet6}/64`, interface: "em0", gateway: mainAddresses(plan.outside).inet6 },
        ...hostRoutes(firewallHosts, own, "em0"),
      ],
    });
  };
  const [insidePeer, outsidePeer] =
    side === "forward" ? (["client", "server"] as const) : (["server", "client"] as const);
  const peers = {
    [insidePeer]: insideHost(insidePeer, plan.inside.peer, INSIDE[insidePeer]),
    [outsidePeer]: outsideHost(outsidePeer, plan.outside.peer),
  } as Record<"client" | "server", SimHost>;
  const insideIntruder = insideHost("inside-intruder", plan.inside.intruder, INSIDE.intruder);
  const outsideIntruder = outsideHost("outside-intruder", plan.outside.intruder);
  const { client, server } = peers;
  const hosts = {
    client,
    firewall,
    server,
    "inside-intruder": insideIntruder,
    "outside-intruder": outsideIntruder,
  };
  return { network, inside, outside, client, server, firewall, insideIntruder, outsideIntruder, hosts };
}

const interfaceOf = ({ name, groups, addresses }: PlannedInterface) => ({ name, groups, addresses });

const hostsIn = ({ peer, intruder }: PlannedNetwork): string[] =>
  [peer, intruder].flatMap(({ inet, inet6 }) => [inet, inet6]);

/** Routes to hosts on the link whose addresses are in none of the interface's networks. */
function hostRoutes(hosts: readonly string[], networks: readonly string[], on: string): Route[] {
  const prefixes = networks.map(parsePrefix);
  return hosts
    .filter((host) => !prefixes.some((prefix) => contains(prefix, host)))
    .map((host) => ({ prefix: `${host}/${familyOf(host) === "inet" ? 32 : 128}`, interface: on }));
}

/** A host's interfaces in the form of the PF model. */
export function interfacesOf(host: SimHost): Interface[] {
  return [...host.node.interfaces.values()].map(({ name, groups, addresses }) => ({
    name,
    // OpenBSD puts every interface into the group of its driver's name.
    groups: [...new Set([name.replace(/\d+$/, ""), ...groups])],
    addresses,
    ...(name === "lo0" && { loopback: true }),
  }));
}
