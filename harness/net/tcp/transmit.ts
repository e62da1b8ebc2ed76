/**
 * The segments that leave a TCP connection: data and FIN as far as the windows allow, acknowledgements, probes,
 * RST and retransmissions. Data beyond the window waits for the next call.
 *
 * @example
 * if (transmit(connection) === "blocked") fail("EACCES");
 */

import { PROTOCOL, TCP_FLAG, type TcpOptions, type TcpPacket } from "../../pf/packet.ts";
import type { SendOutcome } from "../ip/forwarder.ts";
import { familyOf } from "../wire/address.ts";
import type { TcpConnection } from "./connection.ts";

const { F, S, R, P, A, U } = TCP_FLAG;
const EMPTY = new Uint8Array(0);
/** RFC 1340 recommended default. */
const DEFAULT_TTL = 64;

/** Sends what the windows allow, then an acknowledgement if one is due. Answers the worst outcome. */
export function transmit(connection: TcpConnection): SendOutcome {
  let outcome: SendOutcome = "sent";
  if (mayHoldData(connection)) {
    for (let length = sendable(connection); length >= 0; length = sendable(connection)) {
      const sent = sendData(connection, connection.next, length);
      connection.next += length + (endsHere(connection, connection.next + length) ? 1 : 0);
      connection.max = Math.max(connection.max, connection.next);
      if (sent !== "sent") outcome = sent;
      if (sent === "blocked" || sent === "no-route") break;
    }
    watch(connection);
  }
  if (connection.acknowledge === "now") sendAck(connection);
  else if (connection.acknowledge === "later") connection.timers.delayAck();
  return outcome;
}

function mayHoldData({ state }: TcpConnection): boolean {
  switch (state) {
    case "ESTABLISHED":
    case "CLOSE_WAIT":
    case "FIN_WAIT_1":
    case "CLOSING":
    case "LAST_ACK":
      return true;
    default:
      return false;
  }
}

/** Bytes of the next segment; 0 for a lone FIN; −1 for nothing. */
function sendable(connection: TcpConnection): number {
  const { sendQueue, next, una, segment } = connection;
  if (next > sendQueue.end) return -1;
  const unsent = sendQueue.end - next;
  const window = Math.min(connection.sendEdge, una + connection.congestion.window);
  const room = Math.floor(window) - next;
  if (unsent === 0) return connection.finishing && room >= 0 ? 0 : -1;
  if (room <= 0) return -1;
  const length = Math.min(unsent, room, segment);
  // Silly window (RFC 9293, 3.8.6.2.1): a part only if it is all, half of the largest window, or nothing is in flight.
  const worthIt = length === segment || length === unsent || next === una || length >= connection.largestWindow / 2;
  return worthIt ? length : -1;
}

const endsHere = (connection: TcpConnection, position: number): boolean =>
  connection.finishing && position === connection.sendQueue.end;

function sendData(connection: TcpConnection, position: number, length: number): SendOutcome {
  const payload = connection.sendQueue.slice(position, length);
  const last = position + payload.length === connection.sendQueue.end;
  const fin = endsHere(connection, position + payload.length) ? F : 0;
  if (connection.timed === undefined && position >= connection.max) {
    connection.timed = { position: position + payload.length, at: connection.environment.clock.microseconds() };
  }
  return send(connection, position, A | fin | (last && payload.length > 0 ? P : 0), payload);
}

/** Sets the timer for data in flight, or for data that a closed window holds back. */
function watch(connection: TcpConnection): void {
  const { timers, una, max, sendQueue } = connection;
  if (max > una) timers.expectAck();
  else if (sendQueue.end > connection.next) timers.probeWindow();
}

/** The first SYN, and its repetitions. */
export function sendSyn(connection: TcpConnection): SendOutcome {
  const answer = connection.state === "SYN_RECEIVED" ? A : 0;
  const tcpOptions: TcpOptions = {
    mss: connection.ownMaximumSegment(),
    ...(connection.offersScale && { windowScale: connection.receiveScale }),
  };
  if (connection.max < 0) connection.timed = { position: 0, at: connection.environment.clock.microseconds() };
  connection.next = Math.max(connection.next, 0);
  connection.max = Math.max(connection.max, 0);
  connection.timers.expectAck();
  return send(connection, -1, S | answer, EMPTY, tcpOptions);
}

export function sendAck(connection: TcpConnection): SendOutcome {
  return send(connection, connection.next, A, EMPTY);
}

export function sendReset(connection: TcpConnection): void {
  send(connection, connection.next, connection.state === "SYN_SENT" ? R : R | A, EMPTY);
}

/** An old sequence number without data: every receiver answers with its position and its window. */
export function sendProbe(connection: TcpConnection): void {
  send(connection, connection.una - 1, A, EMPTY);
}

/** Sends the oldest segment in flight again. */
export function retransmitFirst(connection: TcpConnection): void {
  connection.timed = undefined;
  if (connection.state === "SYN_SENT" || connection.state === "SYN_RECEIVED") {
    sendSyn(connection);
    return;
  }
  const { una, sendQueue, segment, max } = connection;
  const length = Math.min(segment, sendQueue.end - una, max - una);
  sendData(connection, una, Math.max(0, length));
  connection.timers.expectAck();
}

/** After a timeout: everything in flight counts as lost, and is sent again as the window opens. */
export function goBack(connection: TcpConnection): void {
  connection.timed = undefined;
  if (connection.state === "SYN_SENT" || connection.state === "SYN_RECEIVED") {
    sendSyn(connection);
    return;
  }
  connection.next = connection.una;
  // One segment goes out even into a closed window.
  if (sendable(connection) >= 0) transmit(connection);
  else retransmitFirst(connection);
}

function send(
  connection: TcpConnection,
  position: number,
  flags: number,
  payload: Uint8Array,
  tcpOptions?: TcpOptions,
): SendOutcome {
  const { local, remote } = connection;
  const urgent = connection.urgentTo === undefined ? 0 : connection.urgentTo - position;
  const isUrgent = urgent > 0 && payload.length > 0;
  const packet: TcpPacket = {
    family: familyOf(local.address),
    source: local.address,
    destination: remote.address,
    ttl: DEFAULT_TTL,
    tos: 0,
    ...(familyOf(local.address) === "inet" && { dontFragment: true }),
    protocol: PROTOCOL.tcp,
    sourcePort: local.port,
    destinationPort: remote.port,
    flags: isUrgent ? flags | U : flags,
    seq: connection.sequenceOf(position),
    ack: (flags & A) === 0 ? 0 : connection.peerSequenceOf(connection.expected),
    window: (flags & R) === 0 ? offeredWindow(connection, (flags & S) !== 0) : 0,
    ...(isUrgent && { urgent: Math.min(urgent, 0xffff) }),
    ...(tcpOptions !== undefined && { tcpOptions }),
    payload,
  };
  if ((flags & A) !== 0) {
    connection.acknowledge = "no";
    connection.timers.ackSent();
  }
  return connection.environment.output(packet);
}

/** The window field. The right edge never goes back, and opens only by steps worth a segment (RFC 9293, 3.8.6.2.2). */
function offeredWindow(connection: TcpConnection, inSyn: boolean): number {
  const { settings, receiveQueue, segment, expected } = connection;
  const edge = receiveQueue.next + settings.receiveBuffer - receiveQueue.unread;
  const step = Math.min(segment, settings.receiveBuffer / 2);
  if (edge - connection.receiveEdge >= step) connection.receiveEdge = edge;
  const window = Math.max(0, connection.receiveEdge - expected);
  // Rounded up: an edge once offered must stay in reach.
  const scaled = inSyn ? window : Math.ceil(window / 2 ** connection.receiveScale);
  const field = Math.min(0xffff, scaled);
  if (inSyn) connection.receiveEdge = Math.min(connection.receiveEdge, expected + field);
  return field;
}
