/**
 * Texts under which states are found: protocol, routing domain and both ends. Slot 0 is always the peer on the wire's
 * side, slot 1 the near side, so that a reply in the other direction forms the same key.
 */

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
