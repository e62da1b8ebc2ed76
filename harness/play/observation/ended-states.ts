/**
 * The states that PF has removed, so that a later packet of one of them can be explained: it meets the rules as a
 * stranger, and they drop it.
 *
 * @example
 * ended.add(removed);
 * ended.whyDropped(packet, atMs); // "its state timed out 40 s ago (tcp.established 300)"
 */

import type { LabEvent, StateTimeout } from "../../contract/lab.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../pf/packet.ts";

interface EndedState {
  /** `10.0.0.5:40000`, as pfctl -ss prints it. */
  readonly ends: ReadonlySet<string>;
  readonly atMs: number;
  readonly timedOut?: StateTimeout;
}

/** A play has few connections; a flood of others would only cost time. */
const KEPT = 64;

export class EndedStates {
  readonly #states: EndedState[] = [];

  add({ state, atMs, timedOut }: Extract<LabEvent, { kind: "state" }>): void {
    const ends = new Set([...state.matchAll(/[0-9a-f.:]+(?::\d+|\[\d+\])/g)].map(([end]) => end));
    this.#states.unshift({ ends, atMs: timedOut?.atMs ?? atMs, ...(timedOut && { timedOut }) });
    this.#states.splice(KEPT);
  }

  /** Undefined for a packet that begins a connection, or had no state. */
  whyDropped(packet: Packet, atMs: number): string | undefined {
    if (!isTcp(packet) || (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S) return undefined;
    const ends = [endText(packet.source, packet.sourcePort), endText(packet.destination, packet.destinationPort)];
    const state = this.#states.find((one) => ends.every((end) => one.ends.has(end)));
    if (state === undefined) return undefined;
    const ago = `${durationText(atMs - state.atMs)} ago`;
    if (state.timedOut === undefined) return `its state was removed ${ago}`;
    return `its state timed out ${ago} (${timeoutText(state.timedOut)})`;
  }
}

/** As pf.conf(5) sets it: `tcp.established 300`. */
export const timeoutText = ({ name, seconds }: StateTimeout): string => `${name} ${seconds}`;

const endText = (address: string, port: number): string =>
  address.includes(":") ? `${address}[${port}]` : `${address}:${port}`;

function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
