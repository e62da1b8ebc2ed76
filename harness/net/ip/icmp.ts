/**
 * The ICMP of a node: answers echo requests, sends echo requests, and hands error messages to the transport
 * that they are about.
 *
 * @example
 * await icmp.ping("198.51.100.7", { limitMs: 1000 }); // { outcome: "reply", ms: 0.4 }
 */

import { type IcmpPacket, isIcmp, type Packet, PROTOCOL } from "../../pf/packet.ts";
import { familyOf } from "../wire/address.ts";
import { isIcmpError } from "../wire/length.ts";
import { type IcmpErrorKind, icmpErrorKind } from "./icmp-error.ts";
import type { Node, Transport } from "./node.ts";

const ECHO = { inet: { request: 8, reply: 0 }, inet6: { request: 128, reply: 129 } } as const;

export type PingResult =
  | { readonly outcome: "reply"; readonly ms: number; readonly ttl: number }
  | { readonly outcome: "error"; readonly error: IcmpErrorKind; readonly from: string }
  | { readonly outcome: "no-reply" | "not-sent" };

export interface PingOptions {
  readonly limitMs?: number;
  readonly ttl?: number;
  /** Of payload; default 56, as ping(8). */
  readonly bytes?: number;
  readonly dontFragment?: boolean;
}

export class Icmp implements Transport {
  readonly protocols = [PROTOCOL.icmp, PROTOCOL.icmp6];
  readonly #node: Node;
  readonly #errors: ((kind: IcmpErrorKind, quoted: Packet) => void)[] = [];
  readonly #waiting = new Map<number, (result: PingResult) => void>();
  #nextId = 1;

  constructor(node: Node) {
    this.#node = node;
    node.use(this);
  }

  /** Calls back for each error message about a packet of this node. */
  onError(handler: (kind: IcmpErrorKind, quoted: Packet) => void): void {
    this.#errors.push(handler);
  }

  /** Settles in virtual time. */
  ping(destination: string, options: PingOptions = {}): Promise<PingResult> {
    const { clock } = this.#node;
    const source = this.#node.sourceFor(destination);
    if (source === undefined) return Promise.resolve({ outcome: "not-sent" });
    const id = this.#nextId++ & 0xffff;
    const family = familyOf(destination);
    return new Promise((resolve) => {
      const settle = (result: PingResult): void => {
        this.#waiting.delete(id);
        timer.cancel();
        clock.wake();
        resolve(result);
      };
      const start = clock.microseconds();
      const timer = clock.after(options.limitMs ?? 10_000, () => settle({ outcome: "no-reply" }));
      this.#waiting.set(id, (result) =>
        settle(result.outcome === "reply" ? { ...result, ms: (clock.microseconds() - start) / 1000 } : result),
      );
      const outcome = this.#node.send({
        family,
        source,
        destination,
        ttl: options.ttl ?? 64,
        tos: 0,
        ...(options.dontFragment === true && { dontFragment: true }),
        protocol: family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6,
        type: ECHO[family].request,
        code: 0,
        id,
        sequence: 1,
        payload: new Uint8Array(options.bytes ?? 56),
      });
      if (outcome !== "sent") settle({ outcome: "not-sent" });
    });
  }

  receive(packet: Packet): boolean {
    if (!isIcmp(packet)) return true;
    if (packet.type === ECHO[packet.family].request) this.#answer(packet);
    else if (packet.type === ECHO[packet.family].reply) {
      this.#waiting.get(packet.id ?? 0)?.({ outcome: "reply", ms: 0, ttl: packet.ttl });
    } else if (isIcmpError(packet)) this.#errorArrives(packet);
    return true;
  }

  #answer(request: IcmpPacket): void {
    const { source, destination } = request;
    const { fragment: _, ...rest } = request;
    this.#node.send({ ...rest, source: destination, destination: source, type: ECHO[request.family].reply, ttl: 64 });
  }

  #errorArrives(packet: IcmpPacket): void {
    const { quoted } = packet;
    const kind = icmpErrorKind(packet);
    if (kind === undefined || quoted === undefined) return;
    if (kind === "too-big" && packet.mtu !== undefined) this.#node.learnMtu(quoted.destination, packet.mtu);
    for (const handler of this.#errors) handler(kind, quoted);
    if (isIcmp(quoted) && quoted.id !== undefined) {
      this.#waiting.get(quoted.id)?.({ outcome: "error", error: kind, from: packet.source });
    }
  }
}
