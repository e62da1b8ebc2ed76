/**
 * The firewall host of the decision cases: the forwarder of every lab, with the model as its filter and wires that
 * only note what leaves. So the records of a real kernel judge the code that plays.
 */

import {
  asRecords,
  type Filter,
  Forwarder,
  type ForwarderInterface,
  LOOPBACK_INTERFACE,
} from "../../../net/ip/forwarder.ts";
import type { Hop } from "../../../net/ip/routing-table.ts";
import type { Decision } from "../../../pf/decision.ts";
import type { Firewall } from "../../../pf/engine/firewall.ts";
import type { Packet } from "../../../pf/packet.ts";
import { Sockets } from "./sockets.ts";
import { INTERFACES, isNeighbour, routeOf } from "./topology.ts";

export interface Sent {
  readonly interface: string;
  readonly packet: Packet;
  /** Made by the firewall's own stack, or by PF. */
  readonly own: boolean;
}

/** No packet of the cases is too long for its wire. */
const MTU = 32_768;

export class FirewallHost {
  readonly sockets: Sockets;
  /** Decisions of the current step, which show where model and kernel differ. */
  decisions: Decision[] = [];
  readonly #forwarder: Forwarder<Packet, ForwarderInterface>;
  readonly #interfaces: ReadonlyMap<string, ForwarderInterface>;
  #sent: Sent[] = [];

  constructor(firewall: Firewall) {
    const { interfaces } = firewall;
    this.sockets = new Sockets({
      send: (packet) => this.#forwarder.send(packet),
      isOwn: (address) => interfaces.isOwn(address),
      sourceFor: (destination, host) => interfaces.answerAddress(destination, host, 0),
      unreachable: (packet) => this.#forwarder.report("port-unreachable", packet),
      closed: (state) => firewall.socketClosed(state),
    });
    this.#interfaces = new Map(INTERFACES.map(({ name }) => [name, { name, mtu: MTU }]));
    const route = (destination: string): Hop | undefined =>
      interfaces.isOwn(destination) ? { interface: LOOPBACK_INTERFACE, nextHop: destination } : routeOf(destination);
    this.#forwarder = new Forwarder({
      form: asRecords(() => 0),
      filter: (): Filter => firewall,
      interface: (name) => this.#interfaces.get(name),
      forwards: () => true,
      isOwn: (address) => interfaces.isOwn(address),
      route,
      deliver: (packet, _at, decision) => this.sockets.receive(packet, decision?.divert, decision?.state),
      transmit: (packet, out, _nextHop, own) => {
        if (out.name === LOOPBACK_INTERFACE) this.#forwarder.receive(packet, out);
        else this.#sent.push({ interface: out.name, packet, own });
        return true;
      },
      errorSource: (about) => interfaces.answerAddress(about.destination, about.source, 0),
      redirectSource: (about, { name }) => {
        if (!isNeighbour(about.source, name)) return undefined;
        if (about.family === "inet") return interfaces.answerAddress(about.destination, about.source, 0);
        return interfaces.get(name)?.addresses.find(({ address }) => address.startsWith("fe80"))?.address;
      },
      after: () => {},
      tested: (_direction, _at, _packet, decision) => void this.decisions.push(decision),
    });
  }

  /** A packet arrives by an interface; answers what leaves because of it. */
  receive(name: string, packet: Packet): Sent[] {
    const at = this.#interfaces.get(name);
    if (at === undefined) throw new Error(`the firewall of the cases has no interface ${name}`);
    return this.#noted(() => this.#forwarder.receive(packet, at));
  }

  /** The firewall's own program connects, or sends a datagram; `refused` if PF does not let it. */
  open(...ends: Parameters<Sockets["open"]>): { readonly sent: Sent[]; readonly refused: boolean } {
    let refused = false;
    const sent = this.#noted(() => {
      refused = !this.sockets.open(...ends);
    });
    return { sent, refused };
  }

  /** Time passes for the firewall's own sockets. */
  wait(milliseconds: number): Sent[] {
    return this.#noted(() => this.sockets.wait(milliseconds));
  }

  #noted(act: () => void): Sent[] {
    this.#sent = [];
    act();
    return this.#sent;
  }
}
