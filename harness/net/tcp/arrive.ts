/**
 * A segment arrives at a TCP connection: RFC 9293, 3.10.7, with the RST checks of RFC 5961.
 * Order: the state changes, the user's callback runs, then due segments leave, so that an immediate answer carries the
 * acknowledgement.
 *
 * @example
 * segmentArrives(connection, packet);
 */

import { TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import type { TcpConnection } from "./connection.ts";
import { refusal } from "./refusal.ts";
import { retransmitFirst, sendAck, sendReset, sendSyn, transmit } from "./transmit.ts";

const { F, S, R, A, U } = TCP_FLAG;
/** A larger shift than this counts as this (RFC 7323). */
const LARGEST_SHIFT = 14;
/** Of a peer that names no MSS (RFC 9293, 3.7.1). */
const DEFAULT_SEGMENT = { inet: 536, inet6: 1220 } as const;

const has = (packet: TcpPacket, flag: number): boolean => (packet.flags & flag) !== 0;

export function segmentArrives(connection: TcpConnection, packet: TcpPacket): void {
  connection.timers.heard();
  if (connection.state === "SYN_SENT") arrivesInSynSent(connection, packet);
  else arrivesSynchronised(connection, packet);
}

/** The first segment of a connection that the peer opens. */
export function synArrives(connection: TcpConnection, packet: TcpPacket): void {
  connection.state = "SYN_RECEIVED";
  takeSyn(connection, packet);
  sendSyn(connection);
}

function takeSyn(connection: TcpConnection, packet: TcpPacket): void {
  const { settings } = connection;
  const { mss, windowScale } = packet.tcpOptions ?? {};
  connection.peerSequence = packet.seq;
  const peerSegment = mss ?? DEFAULT_SEGMENT[packet.family];
  connection.segment = Math.max(1, Math.min(peerSegment, connection.ownMaximumSegment()));
  connection.congestion.setSegment(connection.segment);
  connection.congestion.window = connection.segment * settings.initialWindowSegments;
  if (windowScale === undefined || !settings.windowScaling) {
    connection.offersScale = false;
    connection.receiveScale = 0;
    connection.sendScale = 0;
  } else connection.sendScale = Math.min(windowScale, LARGEST_SHIFT);
  // The window of a SYN is never scaled.
  connection.sendEdge = packet.window;
  connection.largestWindow = packet.window;
}

function arrivesInSynSent(connection: TcpConnection, packet: TcpPacket): void {
  if (has(packet, A)) {
    const ack = connection.acknowledgedPosition(packet);
    if (ack !== 0) {
      if (!has(packet, R)) connection.environment.output(refusal(packet));
      return;
    }
  }
  if (has(packet, R)) {
    if (has(packet, A)) connection.end("ECONNREFUSED");
    return;
  }
  if (!has(packet, S)) return;
  takeSyn(connection, packet);
  if (has(packet, A)) {
    acknowledged(connection, 0);
    established(connection);
    connection.acknowledge = "now";
    connection.user?.connected();
    transmitIfAlive(connection);
  } else {
    // Both peers have dialled each other (RFC 9293, figure 7).
    connection.state = "SYN_RECEIVED";
    sendSyn(connection);
  }
}

function established(connection: TcpConnection): void {
  connection.state = connection.finishing ? "FIN_WAIT_1" : "ESTABLISHED";
}

function arrivesSynchronised(connection: TcpConnection, packet: TcpPacket): void {
  const start = connection.peerPositionOf(packet.seq) + (has(packet, S) ? 1 : 0);
  if (has(packet, R)) {
    resetArrives(connection, start);
    return;
  }
  if (has(packet, S)) {
    // The peer repeats its SYN: our answer was lost. Any other SYN is out of place (RFC 5961, 4.2).
    const repeated = connection.state === "SYN_RECEIVED" && packet.seq === connection.peerSequence;
    if (repeated && !has(packet, A)) {
      sendSyn(connection);
      return;
    }
    if (!repeated) {
      sendAck(connection);
      return;
    }
  }
  if (!has(packet, A)) return;
  const length = packet.payload.length + (has(packet, F) ? 1 : 0);
  if (!acceptable(connection, start, length, packet.payload.length === 0)) {
    if (connection.state === "TIME_WAIT") connection.timers.timeWait();
    // An acknowledgement in a segment that is old, or beyond a closed window, still counts.
    if (start <= connection.expected) takeAck(connection, packet, start);
    connection.acknowledge = "now";
    transmitIfAlive(connection);
    return;
  }
  if (connection.state === "SYN_RECEIVED" && !completes(connection, packet)) return;
  if (!takeAck(connection, packet, start)) return;
  if (has(packet, U)) takeUrgent(connection, packet, start);
  if (packet.payload.length > 0 && !takeData(connection, packet, start)) return;
  if (has(packet, F)) connection.peerFin = start + packet.payload.length;
  takeFin(connection);
  if (packet.payload.length > 0 || connection.ended) connection.user?.readable();
  transmitIfAlive(connection);
}

function transmitIfAlive(connection: TcpConnection): void {
  if (!isGone(connection)) transmit(connection);
}

function acceptable(connection: TcpConnection, start: number, length: number, isBareFin: boolean): boolean {
  const { expected, receiveEdge } = connection;
  if (length === 0) return start >= expected && start <= Math.max(expected, receiveEdge);
  // A FIN takes no room: it is welcome at the edge of a closed window, or it would be repeated in vain.
  if (length === 1 && isBareFin && start === expected) return true;
  return start < receiveEdge && start + length > expected;
}

/** RFC 5961, 3.2: only exactly the next position resets; elsewhere in the window it is challenged. */
function resetArrives(connection: TcpConnection, start: number): void {
  const { expected, receiveEdge, state } = connection;
  if (start === expected) {
    if (state === "TIME_WAIT") connection.end();
    else if (state === "SYN_RECEIVED") connection.end("ECONNREFUSED");
    else connection.end(connection.orphaned ? undefined : "ECONNRESET");
  } else if (start > expected && start < receiveEdge) sendAck(connection);
}

/** The third step of the handshake. False: it is not that. */
function completes(connection: TcpConnection, packet: TcpPacket): boolean {
  const ack = connection.acknowledgedPosition(packet);
  if (ack <= connection.una || ack > connection.max) {
    connection.environment.output(refusal(packet));
    return false;
  }
  // A window in the SYN was not scaled; this one is.
  connection.windowFrom = { position: Number.NEGATIVE_INFINITY, ack: Number.NEGATIVE_INFINITY };
  established(connection);
  if (connection.active) connection.user?.connected();
  else connection.environment.accepted(connection);
  return true;
}

/** False: nothing more is to be done with this segment. */
function takeAck(connection: TcpConnection, packet: TcpPacket, start: number): boolean {
  if (connection.state === "SYN_RECEIVED" || connection.state === "TIME_WAIT" || connection.state === "CLOSED") {
    return connection.state === "TIME_WAIT";
  }
  const ack = connection.acknowledgedPosition(packet);
  if (ack > connection.max) {
    sendAck(connection);
    return false;
  }
  const { una } = connection;
  if (ack >= una) takeWindow(connection, packet, start, ack);
  if (ack > una) acknowledged(connection, ack);
  else if (ack === una && isDuplicate(connection, packet)) {
    if (connection.congestion.duplicate(una, connection.max) === "retransmit") retransmitFirst(connection);
  }
  connection.lastWindow = packet.window;
  return !isGone(connection);
}

/** Asked again, as the last step may have ended the connection. */
const isGone = (connection: TcpConnection): boolean => connection.state === "CLOSED";

/** RFC 5681: no data, no FIN, the same window, and something is in flight. */
function isDuplicate(connection: TcpConnection, packet: TcpPacket): boolean {
  const bare = packet.payload.length === 0 && !has(packet, F);
  return bare && connection.max > connection.una && packet.window === connection.lastWindow;
}

function takeWindow(connection: TcpConnection, packet: TcpPacket, start: number, ack: number): void {
  const last = connection.windowFrom;
  if (start < last.position || (start === last.position && ack < last.ack)) return;
  connection.windowFrom = { position: start, ack };
  const window = packet.window * 2 ** connection.sendScale;
  connection.largestWindow = Math.max(connection.largestWindow, window);
  connection.sendEdge = ack + window;
  connection.timers.windowTold(connection.sendEdge > connection.next);
}

function acknowledged(connection: TcpConnection, ack: number): void {
  const { timed, environment, rto, sendQueue } = connection;
  if (timed !== undefined && ack >= timed.position) {
    rto.sample((environment.clock.microseconds() - timed.at) / 1000);
    connection.timed = undefined;
  }
  const count = ack - connection.una;
  const wasSyn = connection.una < 0;
  connection.una = ack;
  connection.next = Math.max(connection.next, ack);
  sendQueue.dropBefore(ack);
  if (connection.urgentTo !== undefined && ack >= connection.urgentTo) connection.urgentTo = undefined;
  rto.relax();
  connection.timers.acknowledged(connection.max > ack);
  if (!wasSyn && connection.congestion.acknowledged(count, ack) === "retransmit") retransmitFirst(connection);
  if (connection.finSent && ack > sendQueue.end) finAcknowledged(connection);
  connection.user?.progressed();
}

function finAcknowledged(connection: TcpConnection): void {
  switch (connection.state) {
    case "FIN_WAIT_1":
      connection.state = "FIN_WAIT_2";
      if (connection.orphaned) connection.timers.waitForFin();
      break;
    case "CLOSING":
      timeWait(connection);
      break;
    case "LAST_ACK":
      connection.end();
      break;
    default:
      break;
  }
}

function timeWait(connection: TcpConnection): void {
  connection.state = "TIME_WAIT";
  connection.timers.timeWait();
  connection.tellClosed();
}

/** The urgent pointer points behind the urgent byte, as all implementations have it (RFC 6093). */
function takeUrgent(connection: TcpConnection, packet: TcpPacket, start: number): void {
  if (packet.urgent !== undefined && packet.urgent > 0) connection.receiveQueue.markUrgent(start + packet.urgent - 1);
}

/** False: no program reads any more, and the connection is reset. */
function takeData(connection: TcpConnection, packet: TcpPacket, start: number): boolean {
  const { receiveQueue, state } = connection;
  if (state !== "ESTABLISHED" && state !== "FIN_WAIT_1" && state !== "FIN_WAIT_2") return true;
  if (connection.orphaned) {
    if (start + packet.payload.length <= receiveQueue.next) return true;
    // Data after close(2): RFC 9293, 3.6.1 (RFC 1122, 4.2.2.13).
    sendReset(connection);
    connection.end();
    return false;
  }
  const hadHoles = receiveQueue.hasHoles;
  const room = connection.receiveEdge - start;
  const payload = room < packet.payload.length ? packet.payload.subarray(0, Math.max(0, room)) : packet.payload;
  const before = receiveQueue.next;
  receiveQueue.insert(start, payload);
  const inOrder = receiveQueue.next > before && !hadHoles && !receiveQueue.hasHoles;
  const delay = inOrder && connection.settings.delayedAckMs > 0 && connection.acknowledge === "no";
  // RFC 9293, 3.8.6.3: at least every second segment, and at once around holes.
  connection.acknowledge = delay && !connection.timers.ackIsDelayed ? "later" : "now";
  return true;
}

function takeFin(connection: TcpConnection): void {
  const { receiveQueue, peerFin } = connection;
  if (peerFin === undefined || connection.ended || receiveQueue.next < peerFin) return;
  connection.ended = true;
  connection.acknowledge = "now";
  switch (connection.state) {
    case "ESTABLISHED":
      connection.state = "CLOSE_WAIT";
      break;
    case "FIN_WAIT_1":
      connection.state = "CLOSING";
      break;
    case "FIN_WAIT_2":
      timeWait(connection);
      break;
    default:
      break;
  }
}
