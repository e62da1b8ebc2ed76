/**
 * The state table: finds states by key, keeps them in order of age, and ends them.
 *
 * A state that ends first loses its keys ("unlinked") and counts no more packets. It still counts as a state of its
 * rule, so for `max`, until the purge comes by. The kernel does the same, and ftp-proxy's
 * `(max 1)` rules depend on it.
 */

import type { TimeoutName } from "../../rule.ts";
import type { Counters } from "../counters.ts";
import type { LoadedRule } from "../rules/loaded-rule.ts";
import type { Rulesets } from "../rules/rulesets.ts";
import type { Settings, Timeouts } from "../settings.ts";
import { type Slot, type State, type StateKey, StateKeys, TCPS } from "./state.ts";

/** pf.c: the purge of each second looks at this many states or more. */
const PURGE_COLLECT = 64;

/** The timeout that ended a state: `tcp.established`, 300. The purge comes by later than `atMs`. */
export interface Expiry {
  readonly name: TimeoutName;
  readonly seconds: number;
  readonly atMs: number;
}

export interface StateObserver {
  created(state: State): void;
  /** `expiry`: it timed out. */
  removed(state: State, expiry?: Expiry): void;
  /** A state no longer counts for this rule. */
  freed(rule: LoadedRule): void;
}

/** The parts of the firewall that states need. */
interface StatesSurroundings {
  readonly rulesets: Rulesets;
  readonly counters: Counters;
  readonly settings: Settings;
  seconds(): number;
}

export class States {
  readonly #keys = new StateKeys();
  /** Oldest first; unlinked ones included. */
  #list = new Set<State>();
  #cursor: Iterator<State> | undefined;
  #nextId = 0;
  /** Second up to which the purge has run. */
  #purgedAt: number | undefined;
  readonly #kernel: StatesSurroundings;
  readonly #observer: StateObserver;

  constructor(kernel: StatesSurroundings, observer: StateObserver) {
    this.#kernel = kernel;
    this.#observer = observer;
  }

  /** As the kernel counts: including those that wait for the purge. */
  get size(): number {
    return this.#list.size;
  }

  get full(): boolean {
    return this.#list.size >= this.#kernel.settings.limits.states;
  }

  /** States that packets can find. */
  list(): State[] {
    return [...this.#list].filter(({ timeout }) => timeout !== "unlinked");
  }

  /** TCP states whose creator has not finished the handshake. */
  get halfOpen(): number {
    let count = 0;
    for (const { src, wire } of this.#list) {
      if (wire.protocol === 6 && src.level > TCPS.CLOSED && src.level < TCPS.ESTABLISHED) count++;
    }
    return count;
  }

  newId(): number {
    return this.#nextId++;
  }

  /** The key with these ends; `sourceSlot` says which of them is the source. */
  key(
    protocol: number,
    rdomain: number,
    source: string,
    sourcePort: number,
    destination: string,
    destinationPort: number,
    sourceSlot: Slot,
  ): StateKey | undefined {
    this.#kernel.counters.states.searches++;
    return sourceSlot === 0
      ? this.#keys.get(protocol, rdomain, source, sourcePort, destination, destinationPort)
      : this.#keys.get(protocol, rdomain, destination, destinationPort, source, sourcePort);
  }

  /** The key that equals this one. */
  keyLike(key: StateKey): StateKey | undefined {
    return this.#keys.like(key);
  }

  /** The state of this key for a packet seen on this interface, if any. */
  find(key: StateKey | undefined, direction: "in" | "out", interfaceName: string): State | undefined {
    if (key === undefined) return undefined;
    for (const state of key.states) {
      if (state.timeout === "purge") continue;
      if (state.interface !== "all" && state.interface !== interfaceName) continue;
      const { wire, stack } = state;
      const fits =
        wire.family === stack.family
          ? key === (direction === "in" ? wire : stack)
          : direction === "in" && (key === stack || key === wire);
      if (fits) return state.socketGone ? undefined : state;
    }
    return undefined;
  }

  /** Whether any state, on any interface and even ended, has this key on that end. */
  taken(key: StateKey | undefined, side: "wire" | "stack" | "either"): boolean {
    if (key === undefined) return false;
    return side === "either" || key.states.some((state) => state[side] === key);
  }

  /** False if another state has one of its keys. */
  insert(state: State): boolean {
    const same = state.wire === state.stack;
    const wire = this.#attach(state.wire, state);
    if (wire === undefined) return false;
    state.wire = wire;
    if (same) state.stack = wire;
    else {
      const stack = this.#attach(state.stack, state);
      if (stack === undefined) {
        this.#detach(state, wire);
        return false;
      }
      state.stack = stack;
    }
    this.#list.add(state);
    this.#kernel.counters.states.inserts++;
    return true;
  }

  /** Reports a state when it is complete. */
  announce(state: State): void {
    this.#observer.created(state);
  }

  /** Removes a state from its keys; the purge frees it. */
  unlink(state: State, expiry?: Expiry): void {
    if (state.timeout === "unlinked") return;
    state.timeout = "unlinked";
    if (state.stack.protocol === 6) {
      state.src.level = TCPS.CLOSED;
      state.dst.level = TCPS.CLOSED;
    }
    this.#releaseSources(state);
    this.#detach(state, state.wire);
    if (state.stack !== state.wire) this.#detach(state, state.stack);
    this.#observer.removed(state, expiry);
  }

  /** Seconds that a state has left; negative or zero when the next purge takes it. */
  expiresIn(state: State): number {
    const { timeout } = state;
    if (timeout === "purge" || timeout === "unlinked") return 0;
    return state.touched + this.#lifetime(state, timeout) - this.#kernel.seconds();
  }

  #lifetime({ rule }: State, timeout: TimeoutName): number {
    const { timeouts } = this.#kernel.settings;
    return lifetime(timeout, rule.filter?.stateOptions?.timeouts, rule.states, timeouts, this.#list.size);
  }

  /** Runs the purge for all seconds since it last ran; false if no second has passed. */
  purge(): boolean {
    const now = this.#kernel.seconds();
    const last = this.#purgedAt ?? now;
    this.#purgedAt = now;
    if (now <= last) return false;
    if (this.#list.size === 0) return true;
    const interval = Math.max(this.#kernel.settings.timeouts.interval, 1);
    const limit = Math.max(Math.floor(this.#list.size / interval), PURGE_COLLECT);
    // More rounds than the whole list needs, and one to its end, would change nothing.
    const rounds = Math.min(now - last, Math.ceil(this.#list.size / limit) + 1);
    for (let round = 0; round < rounds; round++) this.#purgeSome(limit);
    return true;
  }

  #purgeSome(limit: number): void {
    this.#cursor ??= this.#list.values();
    for (let scanned = 0; scanned < limit; scanned++) {
      const next = this.#cursor.next();
      if (next.done) {
        this.#cursor = undefined;
        return;
      }
      if (this.expiresIn(next.value) <= 0) this.#free(next.value);
    }
  }

  #free(state: State): void {
    this.unlink(state, this.#expiryOf(state));
    if (!this.#list.delete(state)) return;
    const { rule, anchor, matchRules } = state;
    for (const counted of anchor === undefined ? [rule, ...matchRules] : [rule, anchor, ...matchRules]) {
      counted.states--;
      this.#observer.freed(counted);
    }
    this.#kernel.counters.states.removals++;
  }

  #expiryOf(state: State): Expiry | undefined {
    const { timeout: name, touched } = state;
    if (name === "purge" || name === "unlinked") return undefined;
    const seconds = Math.max(0, this.#lifetime(state, name));
    return { name, seconds, atMs: (touched + seconds) * 1000 };
  }

  #attach(wanted: StateKey, state: State): StateKey | undefined {
    const key = this.#keys.like(wanted);
    if (key === undefined) {
      this.#keys.add(wanted);
      // A literal of one entry takes a tenth of the memory of a list that grew to it.
      wanted.states = [state];
      return wanted;
    }
    let replaced: State | undefined;
    for (const other of key.states) {
      if (other.interface !== state.interface) continue;
      const straight = other.wire.family === key.family && other.direction === state.direction;
      const crossed =
        other.wire.family !== other.stack.family &&
        key.family === other.stack.family &&
        other.direction !== state.direction;
      if (!straight && !crossed) continue;
      // A connection that is over makes room for a new one with the same ports.
      const over = other.src.level >= TCPS.FIN_WAIT_2 && other.dst.level >= TCPS.FIN_WAIT_2;
      if (key.protocol !== 6 || !over) return undefined;
      replaced = other;
    }
    if (state.interface === "all") key.states.push(state);
    else key.states.unshift(state);
    if (replaced !== undefined) this.unlink(replaced);
    return key;
  }

  #detach(state: State, key: StateKey): void {
    const at = key.states.indexOf(state);
    if (at < 0) return;
    key.states.splice(at, 1);
    if (key.states.length === 0) this.#keys.delete(key);
  }

  #releaseSources(state: State): void {
    for (const node of state.sourceNodes) {
      if (state.src.established) node.connections--;
      node.states--;
      if (node.states === 0) {
        const own = state.rule.filter?.stateOptions?.timeouts?.["src.track"];
        node.expires = this.#kernel.seconds() + (own || this.#kernel.settings.timeouts["src.track"]);
      }
    }
    state.sourceNodes = [];
  }
}

/**
 * Seconds from a state's last packet to its end; fewer when there are many states (adaptive timeouts).
 *
 * @param own timeouts of the rule that made it
 * @param ruleStates states of that rule, which count if the rule has its own adaptive values
 */
function lifetime(
  name: TimeoutName,
  own: Readonly<Partial<Record<TimeoutName, number>>> | undefined,
  ruleStates: number,
  defaults: Timeouts,
  allStates: number,
): number {
  const seconds = own?.[name] || defaults[name];
  let start = own?.["adaptive.start"] ?? 0;
  let end = own?.["adaptive.end"] ?? 0;
  let states = ruleStates;
  if (start === 0) {
    start = defaults["adaptive.start"];
    end = defaults["adaptive.end"];
    states = allStates;
  }
  if (end !== 0 && states > start && start < end) {
    if (states >= end) return Number.NEGATIVE_INFINITY;
    return Math.floor((seconds * (end - states)) / (end - start));
  }
  return seconds;
}
