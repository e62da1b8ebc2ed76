/**
 * The RST that answers a segment without a connection (RFC 9293, 3.10.7.1).
 *
 * @example
 * output(refusal(syn)); // seq 0, acknowledges the SYN
 */

import { TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";

const DEFAULT_TTL = 64;

export function refusal(packet: TcpPacket): TcpPacket {
  const { F, S, R, A } = TCP_FLAG;
  const answersAck = (packet.flags & A) !== 0;
  const length = packet.payload.length + ((packet.flags & S) !== 0 ? 1 : 0) + ((packet.flags & F) !== 0 ? 1 : 0);
  return {
    family: packet.family,
    source: packet.destination,
    destination: packet.source,
    ttl: DEFAULT_TTL,
    tos: 0,
    ...(packet.family === "inet" && { dontFragment: true }),
    protocol: packet.protocol,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    flags: answersAck ? R : R | A,
    seq: answersAck ? packet.ack : 0,
    ack: answersAck ? 0 : (packet.seq + length) >>> 0,
    window: 0,
    payload: new Uint8Array(0),
  };
}
