/**
 * One TCP connection: its state, the "transmission control block" of RFC 9293. Only
 * arrive.ts, transmit.ts, timers.ts and user-calls.ts write the fields.
 *
 * Streams are counted in positions: the first data byte has position 0, the SYN −1, the FIN comes
 * after the last byte. Sequence numbers exist only in packets (`sequenceOf`, `positionOf`).
 *
 * @example
 * connection.sequenceOf(connection.una); // the oldest sequence number that is not acknowledged
 */

import type { ConnectionErrorCode, Endpoint } from "../../../proxy/host.ts";
import type { Packet, TcpPacket } from "../../pf/packet.ts";
import type { SendOutcome } from "../ip/forwarder.ts";
import type { VirtualClock } from "../time/clock.ts";
import { familyOf } from "../wire/address.ts";
import { IPV4_HEADER, IPV6_HEADER, TCP_HEADER } from "../wire/length.ts";
import { Congestion } from "./congestion.ts";
import { ReceiveQueue } from "./receive-queue.ts";
import { RetransmissionTimeout } from "./retransmission-timeout.ts";
import { SendQueue } from "./send-queue.ts";
import type { TcpSettings } from "./settings.ts";

/** As RFC 9293 and netstat(1) have them; LISTEN is a listener's, see listener.ts. */
export type TcpState =
  | "CLOSED"
  | "SYN_SENT"
  | "SYN_RECEIVED"
  | "ESTABLISHED"
  | "FIN_WAIT_1"
  | "FIN_WAIT_2"
  | "CLOSE_WAIT"
  | "CLOSING"
  | "LAST_ACK"
  | "TIME_WAIT";

/** The machine that a connection is on. */
export interface TcpEnvironment {
  readonly clock: VirtualClock;
  output(packet: Packet): SendOutcome;
  mtuTo(destination: string): number;
  /** The peer opened the connection, and the handshake is done. */
  accepted(connection: TcpConnection): void;
  /** The connection is gone for good. */
  forget(connection: TcpConnection): void;
}

/** The callbacks of a connection's user. They run only within events of the clock. */
export interface TcpUser {
  connected(): void;
  /** Something can be read, or the end of the stream has been reached. */
  readable(): void;
  /** Bytes went out for the first time, or were acknowledged. */
  progressed(): void;
  /** Both directions are finished, or the connection has failed. Once. */
  closed(error?: ConnectionErrorCode): void;
}

/** The timers of a connection (timers.ts). */
export interface TimerSet {
  /** Retransmissions of the oldest unacknowledged segment. */
  readonly retries: number;
  readonly ackIsDelayed: boolean;
  /** Something is in flight. */
  expectAck(): void;
  /** Something new was acknowledged; `inFlight`: more is to come. */
  acknowledged(inFlight: boolean): void;
  /** The window is closed and data waits. */
  probeWindow(): void;
  /** A segment has reported the peer's window: open, or still closed. */
  windowTold(open: boolean): void;
  delayAck(): void;
  ackSent(): void;
  setKeepAlive(on: boolean): void;
  /** The peer is there. */
  heard(): void;
  /** Closed, and the peer's FIN is still out. */
  waitForFin(): void;
  /** From the last FIN on; each repetition restarts the wait. */
  timeWait(): void;
  clear(): void;
}

export class TcpConnection {
  readonly environment: TcpEnvironment;
  readonly settings: TcpSettings;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  user: TcpUser | undefined;
  state: TcpState = "CLOSED";

  // Sending.
  readonly initialSequence: number;
  readonly sendQueue = new SendQueue();
  /** Position of the oldest byte that is not acknowledged. */
  una = -1;
  /** Position that is sent next, and one behind the highest ever sent. */
  next = -1;
  max = -1;
  /** Position behind the last byte that the peer allows. */
  sendEdge = 0;
  /** The largest window that the peer ever offered. */
  largestWindow = 0;
  sendScale = 0;
  /** Segment and acknowledgement that last set the window. */
  windowFrom = { position: Number.NEGATIVE_INFINITY, ack: Number.NEGATIVE_INFINITY };
  lastWindow = 0;
  /** Bytes of payload per segment. */
  segment: number;
  readonly congestion: Congestion;
  readonly rto: RetransmissionTimeout;
  /** The segment that is timed, if any. */
  timed: { readonly position: number; readonly at: number } | undefined;
  /** `finish` was called: a FIN follows the last byte. */
  finishing = false;
  /** Position behind the last urgent byte. */
  urgentTo: number | undefined;

  // Receiving.
  peerSequence = 0;
  readonly receiveQueue = new ReceiveQueue();
  /** Position behind the last byte that the peer was allowed to send. */
  receiveEdge = 0;
  receiveScale = 0;
  /** Whether its SYN offers a window scale: an answer offers one only to a peer that did (RFC 7323, 2.2). */
  offersScale: boolean;
  /** Position of the peer's FIN, once seen. */
  peerFin: number | undefined;
  /** The FIN has been taken in order: nothing follows. */
  ended = false;
  acknowledge: "no" | "later" | "now" = "no";
  /** The user has closed it and reads no more. */
  orphaned = false;

  /** An ICMP error while connecting: the reason that is given if the attempt fails. */
  softError: ConnectionErrorCode | undefined;
  /** Did the user open it, or the peer? */
  readonly active: boolean;
  readonly timers: TimerSet;
  #told = false;

  constructor(parts: {
    readonly environment: TcpEnvironment;
    readonly settings: TcpSettings;
    readonly local: Endpoint;
    readonly remote: Endpoint;
    readonly initialSequence: number;
    readonly active: boolean;
    readonly timers: (connection: TcpConnection) => TimerSet;
  }) {
    const { environment, settings, local, remote } = parts;
    this.environment = environment;
    this.settings = settings;
    this.local = local;
    this.remote = remote;
    this.initialSequence = parts.initialSequence;
    this.active = parts.active;
    this.segment = this.ownMaximumSegment();
    this.congestion = new Congestion(this.segment, settings.initialWindowSegments);
    this.rto = new RetransmissionTimeout(settings);
    this.offersScale = settings.windowScaling;
    if (settings.windowScaling) while (settings.receiveBuffer >> this.receiveScale > 0xffff) this.receiveScale++;
    this.timers = parts.timers(this);
  }

  /** The MTU's room for payload: the MSS that is offered. */
  ownMaximumSegment(): number {
    const header = familyOf(this.remote.address) === "inet" ? IPV4_HEADER : IPV6_HEADER;
    const room = this.environment.mtuTo(this.remote.address) - header - TCP_HEADER;
    return Math.min(room, this.settings.maximumSegment ?? room);
  }

  /** Written and not yet sent for the first time. */
  get pending(): number {
    return Math.max(0, this.sendQueue.end - Math.max(0, this.max));
  }

  get finSent(): boolean {
    return this.finishing && this.max > this.sendQueue.end;
  }

  sequenceOf(position: number): number {
    return (this.initialSequence + 1 + position) >>> 0;
  }

  /** The position that the peer acknowledges. */
  acknowledgedPosition(packet: TcpPacket): number {
    return this.una + ((packet.ack - this.sequenceOf(this.una)) | 0);
  }

  /** Sequence number of the peer's byte at this position. */
  peerSequenceOf(position: number): number {
    return (this.peerSequence + 1 + position) >>> 0;
  }

  /** The position of the acknowledgement number: everything before it has come. */
  get expected(): number {
    return this.receiveQueue.next + (this.ended ? 1 : 0);
  }

  peerPositionOf(sequence: number): number {
    return this.expected + ((sequence - this.peerSequenceOf(this.expected)) | 0);
  }

  /** Gone: no timer runs, no packet reaches it. */
  end(error?: ConnectionErrorCode): void {
    this.state = "CLOSED";
    this.timers.clear();
    this.environment.forget(this);
    this.tellClosed(error);
  }

  /** Calls the user once: both directions are finished, or have failed. */
  tellClosed(error?: ConnectionErrorCode): void {
    if (this.#told) return;
    this.#told = true;
    this.user?.closed(error);
  }
}
