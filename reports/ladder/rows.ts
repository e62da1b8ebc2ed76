/**
 * From timeline to ladder rows: what is drawn, in order, with no coordinates yet. A line that the proxy hands on
 * unchanged, with nothing in between, is one row with two legs; a rewritten line keeps what it replaced beside it;
 * retransmissions that are dropped again, and an intruder's many tries, are one row.
 * All text of a row is harmless to print (`visible`).
 *
 *     ladderRows(play, { log: true })
 */
import type { PlayResult, TimelineEvent } from "../model.ts";
import { dropCause } from "../play-summary.ts";
import { visible } from "../visible-text.ts";
import { joinedRow } from "./joined-row.ts";
import { destinationLane, laneOf, middleLane } from "./lanes.ts";
import type { ConnectionEvent, LadderRow, Leg } from "./row.ts";

type Four = [string, string, string, string];

/** What is drawn beside messages, connections, rules, drops, probes and whatever went wrong. */
export interface LadderOptions {
  readonly log?: boolean;
  readonly steps?: boolean;
  readonly states?: boolean;
}

export function ladderRows(play: PlayResult, options: LadderOptions = {}): LadderRow[] {
  const sessions = new Set(play.timeline.map((event) => (event.kind === "line" ? event.session : 1)));
  const findings = play.findings
    .filter((finding) => finding.atMs !== undefined)
    .sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
  const rows: LadderRow[] = [];
  const tellFindingsBefore = (atMs: number): void => {
    while ((findings[0]?.atMs ?? Number.POSITIVE_INFINITY) < atMs) {
      const { message, atMs: at } = findings.shift()!;
      rows.push({ kind: "note", atMs: at ?? 0, tone: "bad", text: visible(message) });
    }
  };
  for (const event of play.timeline) {
    tellFindingsBefore(event.atMs);
    const row = rowOf(event, play, sessions.size > 1, options);
    if (row === undefined) continue;
    const last = rows.at(-1);
    const joined = last === undefined ? undefined : joinedRow(last, row);
    if (joined === undefined) rows.push(row);
    else rows[rows.length - 1] = joined;
  }
  tellFindingsBefore(Number.POSITIVE_INFINITY);
  return rows;
}

function rowOf(
  event: TimelineEvent,
  play: PlayResult,
  manySessions: boolean,
  options: LadderOptions,
): LadderRow | undefined {
  const { atMs } = event;
  switch (event.kind) {
    case "line": {
      const label = (text: string): string => (manySessions ? `#${event.session} ` : "") + lineText(text);
      return {
        kind: "message",
        atMs,
        legs: [{ from: laneOf(event.from), to: laneOf(event.to), atMs }],
        text: label(event.text),
        opaque: event.opaque ?? false,
        ...(event.insteadOf === undefined ? {} : { insteadOf: label(event.insteadOf) }),
      };
    }
    case "connection": {
      const { channel, event: what } = event;
      const leg = { from: laneOf(event.from), to: laneOf(event.to), atMs };
      return { kind: "connection", atMs, leg, channel, event: what, text: connectionText(event, manySessions) };
    }
    case "anchor": {
      const appeared = difference(event.rules, event.before).map(visible);
      const vanished = difference(event.before, event.rules).map(visible);
      return { kind: "rules", atMs, anchor: visible(event.anchor), appeared, vanished, left: event.rules.length };
    }
    case "drop": {
      const leg = dropLeg(event, play);
      const where = visible(`${event.interface} ${event.direction}`);
      const cause = `dropped on ${where} by ${dropCause(event)}`;
      return {
        kind: "drop",
        atMs,
        ...(leg === undefined ? {} : { leg }),
        packet: visible(event.packet),
        cause,
        again: [],
      };
    }
    case "state":
      if (options.states !== true) return undefined;
      return { kind: "note", atMs, tone: "state", text: `state ${event.event}: ${squeezed(event.state)}` };
    case "expectation":
      return { kind: "note", atMs, tone: "expected", text: `the kernel expects ${visible(event.text)}` };
    case "log":
      if (options.log !== true) return undefined;
      return { kind: "note", atMs, tone: "log", text: visible(event.text) };
    case "step":
      if (options.steps !== true && event.ok) return undefined;
      return { kind: "note", atMs, tone: event.ok ? "step" : "bad", text: visible(`${event.who} ${event.text}`) };
    case "probe": {
      const [from, to, what, result] = [event.from, event.to, event.what, event.result].map(visible) as Four;
      if (!event.reached) return { kind: "kept-out", atMs, what, result, tries: [{ from, to }] };
      return { kind: "note", atMs, tone: "bad", text: `the intruder got in: ${from} > ${to}, ${what}: ${result}` };
    }
  }
}

/** The usual CR LF at the end is not drawn; any other end is, because it is the quirk. */
function lineText(text: string): string {
  return visible(text.endsWith("\\r\\n") ? text.slice(0, -4) : text);
}

/** With one control session, its end needs no addresses. */
function connectionText(event: Extract<TimelineEvent, { kind: "connection" }>, manySessions: boolean): string {
  const words: Record<ConnectionEvent, string> = {
    opened: "opened",
    closed: "closed",
    reset: "reset",
    refused: "refused",
    "no-answer": "got no answer",
    "half-closed": "half closed",
  };
  const size = event.bytes === undefined ? "" : ` · ${event.bytes} bytes`;
  const sum = event.sha256 === undefined ? "" : ` · sha256 ${event.sha256.slice(0, 12)}`;
  const untold = event.addresses === "" || (event.channel === "control" && event.event === "closed" && !manySessions);
  const addresses = untold ? "" : ` ${event.addresses.replaceAll("->", "→")}`;
  return visible(`${event.channel} ${words[event.event]}${addresses}${size}${sum}`);
}

function dropLeg(event: Extract<TimelineEvent, { kind: "drop" }>, play: PlayResult): Leg | undefined {
  const from = laneOf(event.from);
  if (event.from === "intruder") return undefined;
  if (from !== middleLane) return { from, to: middleLane, atMs: event.atMs };
  const to = destinationLane(event.packet, play.hosts);
  return to === undefined || to === middleLane ? undefined : { from, to, atMs: event.atMs };
}

/** What `list` has and `other` has not, each as often as it is missing there. */
function difference(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((each) => {
    const index = rest.indexOf(each);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

const squeezed = (text: string): string => visible(text).replaceAll(/ {2,}/g, " ");
