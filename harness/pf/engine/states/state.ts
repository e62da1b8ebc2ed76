/**
 * One state: a connection as PF follows it in one direction of passing.
 */

import type { RulePosition } from "../../decision.ts";
import type { Family } from "../../packet.ts";
import type { Direction, TimeoutName } from "../../rule.ts";
import type { Actions } from "../rules/actions.ts";
import type { LoadedRule } from "../rules/loaded-rule.ts";
import type { SourceNode } from "./source-nodes.ts";
import { keyText } from "./state-key.ts";

/** Levels of a TCP peer: tcp_fsm.h. The two of the SYN proxy: pfvar.h. */
export const TCPS = {
  CLOSED: 0,
  LISTEN: 1,
  SYN_SENT: 2,
  SYN_RECEIVED: 3,
  ESTABLISHED: 4,
  CLOSE_WAIT: 5,
  FIN_WAIT_1: 6,
  CLOSING: 7,
  LAST_ACK: 8,
  FIN_WAIT_2: 9,
  TIME_WAIT: 10,
  PROXY_SRC: 11,
  PROXY_DST: 12,
} as const;

/** Levels of peers of all other protocols. */
export const LEVEL = { NO_TRAFFIC: 0, SINGLE: 1, MULTIPLE: 2 } as const;

/** One side of a state. */
export class Peer {
  level = 0;
  /** Highest sequence number sent, and highest that the other side lets it send. */
  low = 0;
  high = 0;
  maxWindow = 0;
  /** Window scale of the SYN; undefined if it had none. */
  scale: number | undefined;
  /** What is added to its sequence numbers (modulate, synproxy). */
  difference = 0;
  /** MSS that the SYN proxy announces. */
  mss = 0;
  /** The handshake was seen to the end: counted as a connection of its source. */
  established = false;
}

/** Beside the names of timeouts: to be removed at the next purge; out of the tables already. */
export type StateTimeout = TimeoutName | "purge" | "unlinked";

/** One key of a state: see state-key.ts. */
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

export class State {
  readonly id: number;
  readonly direction: Direction;
  /** `all` when floating. */
  readonly interface: string;
  readonly rule: LoadedRule;
  readonly anchor: LoadedRule | undefined;
  readonly natRule: LoadedRule | undefined;
  readonly matchRules: readonly LoadedRule[];
  /** Those rules in order of matching, the deciding one last: for decisions. */
  readonly positions: readonly RulePosition[];
  readonly actions: Actions;
  readonly sloppy: boolean;
  readonly allowOptions: boolean;
  readonly src = new Peer();
  readonly dst = new Peer();
  /** Keys as the wire and as the host's own stack see the connection; one object without translation. */
  wire: StateKey;
  stack: StateKey;
  tag: string | undefined;
  timeout: StateTimeout = "other.first";
  /** Seconds: when it was made, and when its last packet passed. */
  readonly creation: number;
  touched: number;
  /** Forward and backward, from the creator's side. */
  packets: [number, number] = [0, 0];
  bytes: [number, number] = [0, 0];
  sourceNodes: SourceNode[] = [];
  /** route-to and relatives: chosen next hop. */
  nextHop: string | undefined;
  /** Its socket has gone, the key is only kept for a while. */
  socketGone = false;

  constructor(made: {
    id: number;
    direction: Direction;
    interface: string;
    rule: LoadedRule;
    anchor: LoadedRule | undefined;
    natRule: LoadedRule | undefined;
    matchRules: readonly LoadedRule[];
    positions: readonly RulePosition[];
    actions: Actions;
    wire: StateKey;
    stack: StateKey;
    creation: number;
  }) {
    this.id = made.id;
    this.direction = made.direction;
    this.interface = made.interface;
    this.rule = made.rule;
    this.anchor = made.anchor;
    this.natRule = made.natRule;
    this.matchRules = made.matchRules;
    this.positions = made.positions;
    this.actions = made.actions;
    this.sloppy = made.rule.sloppy;
    this.allowOptions = made.rule.rule.allowOpts ?? false;
    this.wire = made.wire;
    this.stack = made.stack;
    this.creation = made.creation;
    this.touched = made.creation;
  }
}
