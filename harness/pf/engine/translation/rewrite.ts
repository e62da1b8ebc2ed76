/**
 * Writes the ends of a state key into a packet: addresses, ports, ICMP identifiers, and for af-to the whole family.
 */

import { type IcmpPacket, PROTOCOL } from "../../packet.ts";
import type { Description } from "../description.ts";
import { type IcmpMapping, isEchoRequest } from "../states/icmp-mapping.ts";
import type { StateKey } from "../states/state.ts";
import { translateIcmpFamily } from "./icmp-family.ts";

/**
 * @param key the key on the far end of the packet
 * @returns false if the packet cannot be translated (af-to of an ICMP message without counterpart)
 */
export function rewriteForState(description: Description, key: StateKey, icmp: IcmpMapping | undefined): boolean {
  const { packet } = description;
  const crossed = key.family !== packet.family;
  const sourceIndex = crossed ? description.destinationIndex : description.sourceIndex;
  const destinationIndex = sourceIndex === 0 ? 1 : 0;
  const source = key.address(sourceIndex);
  const destination = key.address(destinationIndex);
  if (crossed || destination !== packet.destination || key.rdomain !== description.rdomain) {
    description.destinationChanged = true;
  }
  description.notes.rtable = key.rdomain;
  if (crossed) {
    description.newFamily = key.family;
    // Translation to IPv6 caps the hop limit, and makes packets that must not be fragmented in IPv4.
    description.change({
      family: key.family,
      ...(key.family === "inet" ? { dontFragment: true } : { ttl: Math.min(packet.ttl || 64, 64) }),
    });
    if (description.icmp !== undefined) {
      const translated = translateIcmpFamily(description.icmp, key.family);
      if (translated === undefined) return false;
      description.protocol = key.family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6;
      description.change({ protocol: description.protocol as 6, ...translated });
    }
  }
  if (description.tcp !== undefined || packet.protocol === PROTOCOL.udp) {
    const sourcePort = key.port(sourceIndex);
    const destinationPort = key.port(destinationIndex);
    description.changeEnds(source, destination, sourcePort, destinationPort);
    return crossedLength(description, key);
  }
  description.change({ source, destination });
  if (icmp !== undefined && description.icmp !== undefined) {
    const query = isEchoRequest(packet.family, icmp.type);
    if (query) description.change({ id: key.port(icmp.direction === "in" ? sourceIndex : destinationIndex) });
  }
  return crossedLength(description, key);
}

/** An IPv6 header has 20 bytes more. */
function crossedLength(description: Description, { family }: StateKey): true {
  const { length } = description.packet;
  if (length !== undefined && family !== description.packet.family) {
    description.change({ length: length + (family === "inet" ? -20 : 20) });
  }
  return true;
}

/** Fields of an ICMP packet besides the header. */
export type IcmpFields = Pick<IcmpPacket, "type" | "code"> & { readonly mtu?: number };
