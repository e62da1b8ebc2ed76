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

import type { HostName, Side } from "../../contract/lab.ts";
import type { Link, LinkOptions } from "../../net/ip/link.ts";
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

const INSIDE = { intruder: 66, client: 5, server: 20 } as const;
/** The IPv6 interface identifier repeats the decimal digits. */
const OUTSIDE = { intruder: 66, client: 50, server: 7 } as const;

export function topology(options: TopologyOptions): Topology {
  const network = new Network(options);
  const inside = network.link("inside", options.inside);
  const outside = network.link("outside", options.outside);
  const settings = (name: HostName): SimHostOptions => ({ ...options.hosts, ...options.host?.[name] });

  const ownAddresses = (name: "inside" | "outside") =>
    [FIREWALL, ...(options.secondAddress === true ? [SECOND] : [])].flatMap(({ [name]: own }) => [
      `${own.inet}/24`,
      `${own.inet6}/64`,
    ]);
  const firewall = network.host("firewall", {
    ...settings("firewall"),
    forwarding: true,
    interfaces: [
      { name: "em0", link: outside, addresses: ownAddresses("outside"), groups: ["egress"] },
      { name: "em1", link: inside, addresses: ownAddresses("inside") },
    ],
    // Addresses have no scope here: link-local ones are those of the inside network.
    routes: [{ prefix: "fe80::/10", interface: "em1" }],
  });
  const insideHost = (name: HostName, number: number): SimHost =>
    network.host(name, {
      ...settings(name),
      interfaces: [
        {
          name: "em0",
          link: inside,
          addresses: [`10.0.0.${number}/24`, `2001:db8:1::${number}/64`, `fe80::${number}/64`],
        },
      ],
      routes: [
        { prefix: "0.0.0.0/0", interface: "em0", gateway: FIREWALL.inside.inet },
        { prefix: "::/0", interface: "em0", gateway: FIREWALL.inside.inet6 },
      ],
    });
  const outsideHost = (name: HostName, number: number): SimHost =>
    network.host(name, {
      ...settings(name),
      interfaces: [{ name: "em0", link: outside, addresses: [`198.51.100.${number}/24`, `2001:db8:2::${number}/64`] }],
      routes: [{ prefix: "2001:db8:1::/64", interface: "em0", gateway: FIREWALL.outside.inet6 }],
    });

  const forward = options.side === "forward";
  const client = forward ? insideHost("client", INSIDE.client) : outsideHost("client", OUTSIDE.client);
  const server = forward ? outsideHost("server", OUTSIDE.server) : insideHost("server", INSIDE.server);
  const insideIntruder = insideHost("inside-intruder", INSIDE.intruder);
  const outsideIntruder = outsideHost("outside-intruder", OUTSIDE.intruder);
  const hosts = {
    client,
    firewall,
    server,
    "inside-intruder": insideIntruder,
    "outside-intruder": outsideIntruder,
  } as const;
  return { network, inside, outside, client, firewall, server, insideIntruder, outsideIntruder, hosts };
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
