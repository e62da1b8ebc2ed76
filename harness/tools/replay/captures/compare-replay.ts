/**
 * Compares what our proxy left behind with the capture: the bytes that each peer received and the
 * anchors at each point where pfctl was asked.
 *
 * @example
 * const difference = compareAnchors(dialogue, world) ?? compareBytes(dialogue, world);
 */

import { toText } from "../../../../proxy/session/octets.ts";
import { visible } from "../../../../proxy/visible.ts";
import type { Dialogue, JournalEntry, LogEvent, PeerEvent } from "./capture.ts";
import type { ReplayPeer } from "./replay-peer.ts";
import type { ReplayWorld } from "./replay-world.ts";

export interface Difference {
  readonly what: "log" | "level" | "rules" | "anchors" | "bytes" | "end" | "command line";
  readonly expected: string;
  readonly actual: string;
}

/** A peer that saw the end has received all; others may have stopped listening before. */
export function compareBytes(dialogue: Dialogue, world: ReplayWorld): Difference | undefined {
  const killed = !dialogue.log.some((event) => event.text.includes("exiting on signal "));
  for (const [side, peers] of [
    ["client", world.clients],
    ["server", world.servers],
  ] as const) {
    for (const [id, peer] of peers) {
      const difference = peer.scripted ? comparePeer(`to the ${side} of #${id}`, peer, killed) : undefined;
      if (difference !== undefined) return difference;
    }
  }
  return undefined;
}

function comparePeer(where: string, peer: ReplayPeer, killed: boolean): Difference | undefined {
  const { bytes, toTheEnd } = peer.expected;
  const compared = toTheEnd ? peer.received : peer.received.slice(0, bytes.length);
  if (text(compared) !== text(bytes)) {
    return { what: "bytes", expected: `${where}: ${text(bytes)}`, actual: `${where}: ${text(compared)}` };
  }
  // SIGKILL: the kernel closed the sockets, not the proxy.
  if (!toTheEnd || peer.ended || killed) return undefined;
  return { what: "end", expected: `${where}: EOF`, actual: `${where}: still open` };
}

function text(bytes: readonly number[]): string {
  return visible(toText(Uint8Array.from(bytes)));
}

/**
 * Each printout must show what our anchors held at some step between what the client did before it and
 * what it did next; later printouts never show earlier steps.
 */
export function compareAnchors(dialogue: Dialogue, world: ReplayWorld): Difference | undefined {
  let earliest = 0;
  for (const [at, event] of dialogue.client.entries()) {
    if (event.kind !== "anchors") continue;
    const before = dialogue.client.slice(0, at).map((done) => doneAt(world, done) ?? 0);
    earliest = before.reduce((most, step) => Math.max(most, step), earliest);
    const later = dialogue.client.slice(at).map((next) => (isDoing(next) ? doneAt(world, next) : undefined));
    const latest = later.reduce<number>((least, step) => Math.min(least, step ?? least), world.step + 1) - 1;
    const printed = withoutStateOnMatch(event.printed);
    const found = findStep(world.anchorsAfter, printed, earliest, Math.max(earliest, latest));
    if (found === undefined) {
      return { what: "anchors", expected: printed, actual: world.anchorsAfter[Math.max(earliest, latest)] ?? "" };
    }
    earliest = found;
  }
  if (dialogue.finalAnchors === undefined) return undefined;
  // Asked after the peers had gone, which may be before the signal to the proxy.
  const expected = withoutStateOnMatch(dialogue.finalAnchors);
  const found = findStep(world.anchorsAfter, expected, earliest, world.step);
  return found === undefined ? { what: "anchors", expected, actual: world.anchorsAfter.at(-1) ?? "" } : undefined;
}

function findStep(anchors: readonly string[], printed: string, from: number, to: number): number | undefined {
  for (let step = from; step <= to; step++) if (anchors[step] === printed) return step;
  return undefined;
}

function isDoing(event: PeerEvent): boolean {
  return event.kind === "send" || event.kind === "finish" || event.kind === "reset";
}

function doneAt(world: ReplayWorld, event: PeerEvent): number | undefined {
  for (const peer of world.clients.values()) {
    const step = peer.doneAt.get(event);
    if (step !== undefined) return step;
  }
  return undefined;
}

export function expectedJournal(dialogue: Dialogue): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  let at = 0;
  while (at < dialogue.log.length) {
    const event = dialogue.log[at];
    if (event?.kind === "pf") {
      const end = endOfTransaction(dialogue.log, at);
      entries.push(...transaction(dialogue.log.slice(at, end)));
      at = end;
    } else if (event !== undefined) {
      entries.push(logEntry(event));
      at++;
    }
  }
  return entries;
}

function logEntry(event: LogEvent & { kind: "log" }): JournalEntry {
  return event.level === undefined ? { text: event.text } : { text: event.text, level: event.level };
}

/** From a begin to its commit, its failure or its rollback; log lines in between belong to it. */
function endOfTransaction(log: readonly LogEvent[], start: number): number {
  for (let at = start; at < log.length; at++) {
    const event = log[at];
    if (event?.kind !== "pf") continue;
    if (event.text.startsWith("DIOCXROLLBACK")) return at + 1;
    if (event.text.startsWith("DIOCXBEGIN") && event.text.includes("FAIL")) return at + 1;
    // A commit that was busy is tried a second time.
    if (event.text.startsWith("DIOCXCOMMIT") && !log[at + 1]?.text.startsWith("DIOCXCOMMIT")) return at + 1;
  }
  return log.length;
}

function transaction(events: readonly LogEvent[]): readonly JournalEntry[] {
  const logged = events.flatMap((event) => (event.kind === "log" ? [logEntry(event)] : []));
  const steps = events.flatMap((event) => (event.kind === "pf" ? [event.text] : []));
  const committed = steps.findLast((step) => step.startsWith("DIOCXCOMMIT"));
  if (committed === undefined || committed.includes("FAIL")) return logged;
  const done = steps.filter((step) => !step.includes("FAIL"));
  return [...done.map((step) => ({ text: `[pf] ${withoutStateOnMatch(step)}` })), ...logged];
}

/** pfctl's parser: "keep state is great, but only for pass rules". */
export function withoutStateOnMatch(text: string): string {
  return text.replace(/(match (?:in|out) .*?) keep state \(max 1\)/g, "$1");
}
