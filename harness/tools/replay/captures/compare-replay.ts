/**
 * Compares our proxy's run with the capture: its log and changes to the firewall, entry by entry, the
 * bytes that each peer received, and the anchors at each point where pfctl was asked.
 *
 * Captures and ours differ in form in two places, both on purpose:
 * - The C program logs `proxy: 227 …` between opening a transaction and adding its rules. Our rules are
 *   loaded as one text, so `expectedJournal` puts lines logged within a transaction after it.
 * - pfctl refuses `keep state` on the `match` rules of `-T`, which the C program adds by ioctl(2). Ours
 *   have none, and `withoutStateOnMatch` takes it out of the capture's.
 * Of a change that the firewall refused, only the log is compared.
 *
 * @example
 * const difference = compareAnchors(dialogue, world) ?? compareBytes(dialogue, world);
 */

import { toText } from "../../../../proxy/session/octets.ts";
import { visible } from "../../../../proxy/visible.ts";
import { type Dialogue, isFirewallChange, type JournalEntry, type PeerEvent } from "./capture.ts";
import type { ReplayPeer } from "./replay-peer.ts";
import type { ReplayWorld } from "./replay-world.ts";

export interface Difference {
  readonly what: "log" | "level" | "rules" | "anchors" | "bytes" | "end" | "command line";
  readonly expected: string;
  readonly actual: string;
}

/** The capture's log and its committed changes to the firewall, in the order and form of ours. */
export function expectedJournal(log: readonly JournalEntry[]): readonly JournalEntry[] {
  const journal: JournalEntry[] = [];
  let steps: JournalEntry[] = [];
  let loggedWithin: JournalEntry[] = [];
  for (const [at, entry] of log.entries()) {
    if (isFirewallChange(entry)) steps.push(entry);
    else if (steps.length > 0) loggedWithin.push(entry);
    else journal.push(entry);
    if (!endsTransaction(entry.text, log[at + 1]?.text)) continue;
    journal.push(...committed(steps), ...loggedWithin);
    steps = [];
    loggedWithin = [];
  }
  return [...journal, ...committed(steps), ...loggedWithin];
}

function endsTransaction(text: string, next = ""): boolean {
  if (text.startsWith("[pf] DIOCXROLLBACK")) return true;
  if (text.startsWith("[pf] DIOCXBEGIN")) return text.includes("FAIL");
  // A commit that was busy is tried a second time.
  return text.startsWith("[pf] DIOCXCOMMIT") && !next.startsWith("[pf] DIOCXCOMMIT");
}

function committed(steps: readonly JournalEntry[]): readonly JournalEntry[] {
  const commit = steps.findLast(({ text }) => text.startsWith("[pf] DIOCXCOMMIT"));
  if (commit === undefined || commit.text.includes("FAIL")) return [];
  const done = steps.filter(({ text }) => !text.includes("FAIL"));
  return done.map(({ text }) => ({ text: withoutStateOnMatch(text) }));
}

/** pfctl's parser: "keep state is great, but only for pass rules". */
const withoutStateOnMatch = (text: string): string =>
  text.replace(/(match (?:in|out) .*?) keep state \(max 1\)/g, "$1");

export function compareEntries(expected?: JournalEntry, actual?: JournalEntry): Difference | undefined {
  const level = expected?.level;
  // The captures that went through syslog(3) were written without CR.
  const ours = level === undefined ? actual?.text : actual?.text.replaceAll("\\r\\n", "\\n");
  if (expected?.text !== ours) {
    const what = (expected ?? actual)?.text.startsWith("[pf]") ? "rules" : "log";
    return { what, expected: expected?.text ?? "(nothing more)", actual: actual?.text ?? "(nothing more)" };
  }
  if (level === undefined || level === actual?.level) return undefined;
  return { what: "level", expected: `${level} ${expected?.text}`, actual: `${actual?.level} ${actual?.text}` };
}

/** A peer that saw the end has received all; others may have stopped listening before. */
export function compareBytes(dialogue: Dialogue, world: ReplayWorld): Difference | undefined {
  // Without this line the proxy was killed (SIGKILL), and the kernel closed its sockets.
  const closes = dialogue.log.some((entry) => entry.text.includes("exiting on signal "));
  for (const from of ["client", "server"] as const) {
    for (const [id, peer] of world.peers[from]) {
      const difference = peer.scripted ? comparePeer(`to the ${from} of #${id}`, peer, closes) : undefined;
      if (difference !== undefined) return difference;
    }
  }
  return undefined;
}

function comparePeer(where: string, peer: ReplayPeer, closes: boolean): Difference | undefined {
  const { bytes, toTheEnd } = peer.expected;
  const [expected, actual] = [bytes, toTheEnd ? peer.received : peer.received.slice(0, bytes.length)].map(
    (octets) => `${where}: ${visible(toText(Uint8Array.from(octets)))}`,
  ) as [string, string];
  if (expected !== actual) return { what: "bytes", expected, actual };
  if (!toTheEnd || peer.ended || !closes) return undefined;
  return { what: "end", expected: `${where}: EOF`, actual: `${where}: still open` };
}

/**
 * Each listing must show our anchors as they were at some step between what the client did before it
 * and what it did next; a later listing never shows an earlier step.
 */
export function compareAnchors(dialogue: Dialogue, world: ReplayWorld): Difference | undefined {
  let earliest = 0;
  for (const [at, event] of dialogue.client.entries()) {
    if (event.kind !== "anchors") continue;
    const before = dialogue.client.slice(0, at).map((done) => doneAt(world, done) ?? 0);
    const after = dialogue.client.slice(at).flatMap((next) => (isDoing(next) ? (doneAt(world, next) ?? []) : []));
    earliest = Math.max(earliest, ...before);
    const latest = Math.max(earliest, Math.min(world.step + 1, ...after) - 1);
    const expected = withoutStateOnMatch(event.printed);
    const found = findStep(world, expected, earliest, latest);
    if (found === undefined) return { what: "anchors", expected, actual: world.anchorsAfter[latest] ?? "" };
    earliest = found;
  }
  if (dialogue.finalAnchors === undefined) return undefined;
  // Asked after the peers had gone, which may be before the signal to the proxy.
  const expected = withoutStateOnMatch(dialogue.finalAnchors);
  if (findStep(world, expected, earliest, world.step) !== undefined) return undefined;
  return { what: "anchors", expected, actual: world.anchorsAfter.at(-1) ?? "" };
}

function findStep({ anchorsAfter }: ReplayWorld, printed: string, from: number, to: number): number | undefined {
  for (let step = from; step <= to; step++) if (anchorsAfter[step] === printed) return step;
  return undefined;
}

function isDoing(event: PeerEvent): boolean {
  return event.kind === "send" || event.kind === "finish" || event.kind === "reset";
}

function doneAt(world: ReplayWorld, event: PeerEvent): number | undefined {
  for (const peer of world.peers.client.values()) {
    const step = peer.doneAt.get(event);
    if (step !== undefined) return step;
  }
  return undefined;
}
