/**
 * Keys under which states are found: protocol, routing domain and both ends. Slot 0 is always the peer on the wire's
 * side, slot 1 the near side, so that a reply in the other direction forms the same key.
 */

import type { Family } from "../packet.ts";
import type { State } from "./state.ts";

export class StateKey {
  readonly text: string;
  readonly family: Family;
  readonly protocol: number;
  readonly rdomain: number;
  readonly addresses: readonly [string, string];
  readonly ports: readonly [number, number];
  /** States on this key, those bound to an interface first. */
  readonly states: State[] = [];

  constructor(
    family: Family,
    protocol: number,
    rdomain: number,
    addresses: readonly [string, string],
    ports: readonly [number, number],
  ) {
    this.family = family;
    this.protocol = protocol;
    this.rdomain = rdomain;
    this.addresses = addresses;
    this.ports = ports;
    this.text = keyText(protocol, rdomain, addresses[0], ports[0], addresses[1], ports[1]);
  }
}

export const keyText = (
  protocol: number,
  rdomain: number,
  address0: string,
  port0: number,
  address1: string,
  port1: number,
): string => `${address0} ${port0} ${address1} ${port1} ${protocol} ${rdomain}`;

/** The same from the point of view of a packet: its source stands in slot `sourceIndex`. */
export function packetKeyText(
  protocol: number,
  rdomain: number,
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  sourceIndex: 0 | 1,
): string {
  return sourceIndex === 0
    ? keyText(protocol, rdomain, source, sourcePort, destination, destinationPort)
    : keyText(protocol, rdomain, destination, destinationPort, source, sourcePort);
}

/** A pair with the source's value in its slot. */
export const inSlots = <T>(source: T, destination: T, sourceIndex: 0 | 1): readonly [T, T] =>
  sourceIndex === 0 ? [source, destination] : [destination, source];
