/**
 * One state, a connection as PF follows it in one direction, and the keys by which packets find it.
 */

import type { RulePosition } from "../../decision.ts";
import type { Family } from "../../packet.ts";
import type { Direction, TimeoutName } from "../../rule.ts";
import type { Actions } from "../rules/actions.ts";
import type { LoadedRule } from "../rules/loaded-rule.ts";
import type { SourceNode } from "./source-nodes.ts";

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

/** One peer of a state. */
export class Peer {
  level = 0;
  /** Highest sequence number sent, and highest that the other peer allows. */
  low = 0;
  high = 0;
  maxWindow = 0;
  /** Window scale of the SYN; undefined if it had none. */
  scale: number | undefined;
  /** Added to its sequence numbers (modulate, synproxy). */
  difference = 0;
  /** MSS that the SYN proxy announces. */
  mss = 0;
  /** The handshake is over: counted as a connection of its source. */
  established = false;
}

/** "purge": removed at the next purge; "unlinked": no longer found by packets. */
export type StateTimeout = TimeoutName | "purge" | "unlinked";

/** Which end of a key: 0 is always the peer on the wire's side, 1 the near side. */
export type Slot = 0 | 1;

/**
 * Protocol, routing domain and both ends of a connection, by which packets find its states. A reply forms the same key
 * as the packet that it answers.
 */
export class StateKey {
  readonly family: Family;
  readonly protocol: number;
  readonly rdomain: number;
  readonly address0: string;
  readonly port0: number;
  readonly address1: string;
  readonly port1: number;
  readonly hash: number;
  /** The next key with the same hash. */
  next: StateKey | undefined;
  /** States on this key, those bound to an interface first. */
  states: State[] = NO_STATES;

  constructor(family: Family, protocol: number, rdomain: number, slot0: End, slot1: End) {
    this.family = family;
    this.protocol = protocol;
    this.rdomain = rdomain;
    this.address0 = slot0.address;
    this.port0 = slot0.port;
    this.address1 = slot1.address;
    this.port1 = slot1.port;
    this.hash = hashOf(protocol, rdomain, slot0.address, slot0.port, slot1.address, slot1.port);
    this.next = undefined;
  }

  address(slot: Slot): string {
    return slot === 0 ? this.address0 : this.address1;
  }

  port(slot: Slot): number {
    return slot === 0 ? this.port0 : this.port1;
  }
}

export interface End {
  readonly address: string;
  readonly port: number;
}

/** Shared by keys that no state holds yet. */
const NO_STATES: State[] = [];

/** Numbers: to make a text for each packet costs more than the rest of its test. */
function hashOf(
  protocol: number,
  rdomain: number,
  address0: string,
  port0: number,
  address1: string,
  port1: number,
): number {
  let hash = Math.imul(protocol, 31) + rdomain;
  for (let i = 0; i < address0.length; i++) hash = (Math.imul(hash, 31) + address0.charCodeAt(i)) | 0;
  hash = (Math.imul(hash, 31) + port0) | 0;
  for (let i = 0; i < address1.length; i++) hash = (Math.imul(hash, 31) + address1.charCodeAt(i)) | 0;
  return (Math.imul(hash, 31) + port1) | 0;
}

/** The keys of all states. */
export class StateKeys {
  readonly #byHash = new Map<number, StateKey>();

  get(
    protocol: number,
    rdomain: number,
    address0: string,
    port0: number,
    address1: string,
    port1: number,
  ): StateKey | undefined {
    let key = this.#byHash.get(hashOf(protocol, rdomain, address0, port0, address1, port1));
    while (key !== undefined) {
      const same =
        key.port0 === port0 &&
        key.port1 === port1 &&
        key.address0 === address0 &&
        key.address1 === address1 &&
        key.protocol === protocol &&
        key.rdomain === rdomain;
      if (same) return key;
      key = key.next;
    }
    return undefined;
  }

  /** The key that equals this one. */
  like({ protocol, rdomain, address0, port0, address1, port1 }: StateKey): StateKey | undefined {
    return this.get(protocol, rdomain, address0, port0, address1, port1);
  }

  add(key: StateKey): void {
    key.next = this.#byHash.get(key.hash);
    this.#byHash.set(key.hash, key);
  }

  delete(key: StateKey): void {
    const first = this.#byHash.get(key.hash);
    if (first === key) {
      if (key.next === undefined) this.#byHash.delete(key.hash);
      else this.#byHash.set(key.hash, key.next);
      return;
    }
    for (let before = first; before !== undefined; before = before.next) {
      if (before.next === key) before.next = key.next;
    }
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
  /** Its socket is closed, the key stays for a while. */
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
