/**
 * A whole simulated network: one clock, one seed, links and hosts by name. Everything random comes
 * from named streams of the seed, so the same calls in the same order give the same run.
 *
 * @example
 * const network = new Network({ seed: 1 });
 * const lan = network.link("lan");
 * const a = network.host("a", { interfaces: [{ name: "em0", link: lan, addresses: ["10.0.0.1/24"] }] });
 * await network.clock.runUntilSettled(play(a), { limitMs: 60_000 });
 */

import { LOOPBACK_INTERFACE } from "../../net/ip/forwarder.ts";
import type { InterfaceOptions, NetworkInterface } from "../../net/ip/interface.ts";
import { Link, type LinkOptions } from "../../net/ip/link.ts";
import { Node } from "../../net/ip/node.ts";
import type { Route } from "../../net/ip/routing-table.ts";
import { VirtualClock } from "../../net/time/clock.ts";
import { SeededRandom } from "../../net/time/random.ts";
import { Recording } from "../../net/wire/recording.ts";
import { SimHost, type SimHostOptions } from "./host.ts";

export interface HostPlan extends SimHostOptions {
  readonly interfaces: readonly (InterfaceOptions & { readonly link: Link })[];
  /** In addition to those of its interfaces. */
  readonly routes?: readonly Route[];
  /** A router. */
  readonly forwarding?: boolean;
}

export class Network {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly links = new Map<string, Link>();
  readonly hosts = new Map<string, SimHost>();

  constructor(options: { readonly seed: number; readonly startMs?: number }) {
    this.clock = new VirtualClock(options.startMs);
    this.random = new SeededRandom(options.seed);
  }

  link(name: string, options: LinkOptions = {}): Link {
    if (this.links.has(name)) throw new Error(`there is a link ${name} already`);
    const link = new Link(name, this.clock, this.random.stream(`link/${name}`), options);
    this.links.set(name, link);
    return link;
  }

  host(name: string, plan: HostPlan): SimHost {
    if (this.hosts.has(name)) throw new Error(`there is a host ${name} already`);
    const node = new Node(name, this.clock, this.random.stream(`host/${name}`));
    for (const one of plan.interfaces) node.attach(one, one.link);
    for (const route of plan.routes ?? []) node.routes.add(route);
    node.forwarding = plan.forwarding ?? false;
    const host = new SimHost(node, plan);
    this.hosts.set(name, host);
    return host;
  }

  /** Records all interfaces of these hosts, loopback apart: each packet as it leaves and as it arrives. */
  capture(...hosts: readonly SimHost[]): Recording {
    const recording = new Recording();
    for (const { node } of hosts) {
      for (const one of node.interfaces.values()) if (one.name !== LOOPBACK_INTERFACE) this.#record(recording, one);
    }
    return recording;
  }

  #record(recording: Recording, one: NetworkInterface): void {
    const description = one.addresses.map(({ address, prefix }) => `${address}/${prefix}`).join(" ");
    recording.interfaces.push({ name: one.path, description });
    one.tap((direction, packet) =>
      recording.add({ interface: one.path, direction, atMicroseconds: this.clock.microseconds(), packet }),
    );
  }
}
