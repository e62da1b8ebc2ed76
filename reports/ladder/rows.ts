/**
 * Turns a timeline into ladder rows, in order and without coordinates. A line that the proxy hands on
 * unchanged, with nothing in between, is one row with two legs; a rewritten line keeps what it replaced beside it;
 * retransmissions that are dropped again, and an intruder's many tries, are one row.
 * All text of a row has passed `visible`.
 *
 *     ladderRows(play, { log: true })
 */
import type { PlayResult, TimelineEvent } from "../model.ts";
import { visible } from "../text.ts";
import { connectionInWords, dropInWords, isWarning, lineReason } from "../wording.ts";
import { destinationLane, laneOf, middleLane } from "./lanes.ts";

/** One arrow between two lanes. */
export interface Leg {
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
}

export type ConnectionEvent = Extract<TimelineEvent, { kind: "connection" }>["event"];

export type LadderRow =
  | {
      readonly kind: "message";
      readonly atMs: number;
      readonly legs: readonly Leg[];
      readonly text: string;
      readonly opaque: boolean;
      /** The line that the proxy received and replaced by `text`. */
      readonly insteadOf?: string;
      /** Why the proxy did not rewrite it. */
      readonly why?: string;
    }
  | {
      readonly kind: "connection";
      readonly atMs: number;
      readonly leg: Leg;
      readonly channel: "control" | "data";
      readonly event: ConnectionEvent;
      readonly text: string;
    }
  | {
      readonly kind: "rules";
      readonly atMs: number;
      readonly anchor: string;
      readonly appeared: readonly string[];
      readonly vanished: readonly string[];
      /** How many the anchor holds now. */
      readonly left: number;
    }
  | {
      readonly kind: "drop";
      readonly atMs: number;
      /** Ends at the firewall; undefined if no lane sent the packet. */
      readonly leg?: Leg;
      readonly packet: string;
      /** `dropped on vio2 in by pf.conf:4: block drop log all`. */
      readonly cause: string;
      /** When the same packet was dropped again: retransmissions. */
      readonly again: readonly number[];
    }
  | {
      readonly kind: "kept-out";
      readonly atMs: number;
      /** The tries of the intruder that had one result. */
      readonly what: string;
      readonly result: string;
      readonly tries: readonly { readonly from: string; readonly to: string }[];
    }
  | {
      readonly kind: "note";
      readonly atMs: number;
      readonly tone: "log" | "step" | "state" | "expected" | "warning" | "bad" | "broke";
      readonly text: string;
    };

export type RowOf<Kind extends LadderRow["kind"]> = Extract<LadderRow, { kind: Kind }>;

type Four = [string, string, string, string];

/** Rows drawn in addition to messages, connections, rules, drops, probes, warnings and failures. */
export interface LadderOptions {
  readonly log?: boolean;
  readonly steps?: boolean;
  readonly states?: boolean;
  /** Only the rows around the place where the play broke. */
  readonly excerpt?: boolean;
}

export function ladderRows(play: PlayResult, options: LadderOptions = {}): LadderRow[] {
  const sessions = new Set(play.timeline.map((event) => (event.kind === "line" ? event.session : 1)));
  const findings = play.findings
    .filter((finding) => finding.atMs !== undefined)
    .sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
  const rows: LadderRow[] = [];
  const addFindingsBefore = (atMs: number): void => {
    while ((findings[0]?.atMs ?? Number.POSITIVE_INFINITY) < atMs) {
      const { message, atMs: at } = findings.shift()!;
      rows.push({ kind: "note", atMs: at ?? 0, tone: "bad", text: visible(message) });
    }
  };
  for (const event of play.timeline) {
    addFindingsBefore(event.atMs);
    const row = rowOf(event, play, sessions.size > 1, options);
    if (row === undefined) continue;
    const last = rows.at(-1);
    const joined = last === undefined ? undefined : joinedRow(last, row);
    if (joined === undefined) rows.push(row);
    else rows[rows.length - 1] = joined;
  }
  addFindingsBefore(Number.POSITIVE_INFINITY);
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
        ...(event.why === undefined ? {} : { why: visible(lineReason(event)) }),
      };
    }
    case "connection": {
      const { channel, event: what } = event;
      const leg = connectionLeg(event);
      return { kind: "connection", atMs, leg, channel, event: what, text: connectionText(event, manySessions) };
    }
    case "anchor": {
      const appeared = difference(event.rules, event.before).map(visible);
      const vanished = difference(event.before, event.rules).map(visible);
      return { kind: "rules", atMs, anchor: visible(event.anchor), appeared, vanished, left: event.rules.length };
    }
    case "drop": {
      const leg = dropLeg(event, play);
      const cause = dropInWords(event);
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
      return { kind: "note", atMs, tone: "state", text: stateText(event) };
    case "expectation":
      return { kind: "note", atMs, tone: "expected", text: `the kernel expects ${visible(event.text)}` };
    case "log":
      if (options.log !== true && !isWarning(event)) return undefined;
      return { kind: "note", atMs, tone: isWarning(event) ? "warning" : "log", text: visible(event.text) };
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

/** The usual CR LF at the end is not drawn; any other end is drawn, since it is the quirk. */
function lineText(text: string): string {
  return visible(text.endsWith("\\r\\n") ? text.slice(0, -4) : text);
}

/** From the party that ended or refused the connection, else from the one that opened it. */
function connectionLeg({ from, to, by, atMs }: Extract<TimelineEvent, { kind: "connection" }>): Leg {
  const [opener, target] = [laneOf(from), laneOf(to)];
  const source = by === undefined ? opener : laneOf(by);
  return { from: source, to: source === opener ? target : opener, atMs };
}

/** With one control session, its end needs no addresses. */
function connectionText(event: Extract<TimelineEvent, { kind: "connection" }>, manySessions: boolean): string {
  const size = event.bytes === undefined ? "" : ` · ${event.bytes} bytes`;
  const sum = event.sha256 === undefined ? "" : ` · sha256 ${event.sha256.slice(0, 12)}`;
  const ends = event.event === "closed" || event.event === "half-closed";
  const hidden = event.addresses === "" || (event.channel === "control" && ends && !manySessions);
  const addresses = hidden ? "" : ` ${event.addresses.replaceAll("->", "→")}`;
  return visible(`${connectionInWords(event)}${addresses}${size}${sum}`);
}

function dropLeg(event: Extract<TimelineEvent, { kind: "drop" }>, play: PlayResult): Leg | undefined {
  const from = laneOf(event.from);
  if (event.from === "intruder") return undefined;
  if (from !== middleLane) return { from, to: middleLane, atMs: event.atMs };
  const to = destinationLane(event.packet, play.hosts);
  return to === undefined || to === middleLane ? undefined : { from, to, atMs: event.atMs };
}

/** The elements of `list` that `other` lacks, as often as it lacks them. */
function difference(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((each) => {
    const index = rest.indexOf(each);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

const stateText = ({ event, state, why }: Extract<TimelineEvent, { kind: "state" }>): string =>
  `state ${event}: ${squeezed(state)}${why === undefined ? "" : `; ${visible(why)}`}`;

const squeezed = (text: string): string => visible(text).replaceAll(/ {2,}/g, " ");

/**
 * Joins two neighbours that belong together: a line handed on unchanged, a packet dropped again, an intruder's next try.
 * Undefined if they do not.
 */
function joinedRow(row: LadderRow, next: LadderRow): LadderRow | undefined {
  if (row.kind === "message" && next.kind === "message") return handedOn(row, next);
  if (row.kind === "drop" && next.kind === "drop") return droppedAgain(row, next);
  if (row.kind === "kept-out" && next.kind === "kept-out") return triedOn(row, next);
  return undefined;
}

function handedOn(row: RowOf<"message">, next: RowOf<"message">): LadderRow | undefined {
  if (row.legs.length !== 1) return undefined;
  const [here, there] = [row.legs[0]!, next.legs[0]!];
  const unchanged = row.text === next.text && row.opaque === next.opaque && next.insteadOf === undefined;
  const onwards = here.to === middleLane && there.from === middleLane && there.to !== here.from;
  return unchanged && onwards ? { ...row, legs: [here, there] } : undefined;
}

function droppedAgain(row: RowOf<"drop">, next: RowOf<"drop">): LadderRow | undefined {
  // A state that is gone is longer gone each time.
  const timeless = (text: string): string => text.replace(/\d+ (s|min|h) ago/, "");
  const same = row.packet === next.packet && timeless(row.cause) === timeless(next.cause);
  return same ? { ...row, again: [...row.again, next.atMs] } : undefined;
}

function triedOn(row: RowOf<"kept-out">, next: RowOf<"kept-out">): LadderRow | undefined {
  const same = row.what === next.what && row.result === next.result;
  return same ? { ...row, tries: [...row.tries, ...next.tries] } : undefined;
}
