/**
 * 3. Rules are in the anchor before the line that makes a peer use them is sent on. With the classic generation the
 * rules of PORT and EPRT come with the server's consent: they are there before the client gets its `200 `.
 *
 * Judged by order, not by time. A line may cross the wire when its rules are no longer those in force: of a burst of
 * negotiations each replaces the rules of the one before, while its line still waits in a socket. What must not be: a
 * line before its rules, a line whose rules have been taken away, or one that was overtaken by a later negotiation's.
 */

import { parseExtendedPort, parsePort } from "../announced-port.ts";
import { type AnchorChange, escapeLine, type WitnessedLine } from "../transcript.ts";
import { broken, held, type Invariant, notApplicable } from "./evidence.ts";

const NAME = "rules-before-line";
const TITLE = "Rules come before the line that needs them";

export const rulesBeforeLine: Invariant = ({ transcript, terminates, profile, sampled }) => {
  if (!terminates) return notApplicable(NAME, TITLE, "the subject loads no rules");
  const needs = profile === "classic" ? classicNeeds(transcript.lines) : modernNeeds(transcript.lines);
  const changes = transcript.anchorChanges.map(portsOf);
  /** By anchor: which of the changes the last line was for. */
  const reached = new Map<string, number>();
  for (const { line, port } of needs) {
    const fault = faultOf(changes.slice(0, line.changesBefore), port, reached);
    if (fault === undefined) continue;
    // Rules that came between two readings would look the same as rules that never came.
    if (sampled)
      return notApplicable(NAME, TITLE, `not observable here: no reading of the anchor shows port ${port} yet`);
    return broken(NAME, TITLE, `${escapeLine(line.text)} was sent on ${fault}`);
  }
  const detail = needs.length === 0 ? "no line was rewritten" : `${needs.length} negotiations, each after its rules`;
  return held(NAME, TITLE, detail);
};

/** The ports that an anchor's rules are for, from a moment on. */
interface Opened {
  readonly anchor: string;
  readonly ports: ReadonlySet<number>;
}

const portsOf = ({ anchor, rules }: AnchorChange): Opened => ({
  anchor,
  ports: new Set(rules.flatMap((rule) => [...rule.matchAll(/ port = (\d+) /g)].map(([, port]) => Number(port)))),
});

/** `changes`: those before the line. What the line was for is noted in `reached`. */
function faultOf(changes: readonly Opened[], port: number, reached: Map<string, number>): string | undefined {
  const loads = [...changes.entries()].filter(([, { ports }]) => ports.has(port));
  if (loads.length === 0) return `while no rule in the anchor was for port ${port}`;
  const next = loads.filter(([place, { anchor }]) => place > (reached.get(anchor) ?? -1));
  if (next.length === 0) return `after a line whose rules had replaced those for port ${port}`;
  const left = next.find(([place, { anchor }]) => !isEmptied(changes.slice(place), anchor));
  if (left === undefined) return `after the rules for port ${port} had been taken away`;
  reached.set(left[1].anchor, left[0]);
  return undefined;
}

const isEmptied = (changes: readonly Opened[], name: string): boolean =>
  changes.some(({ anchor, ports }) => anchor === name && ports.size === 0);

/** A line, and the port that rules must be for when it is sent on. */
interface RuleNeed {
  readonly line: WitnessedLine;
  readonly port: number;
}

/** The port that the proxy announces with a line of its own. One that it did not write opens nothing. */
function announced(line: WitnessedLine): number | undefined {
  if (line.leg !== line.towards || line.insteadOf === undefined) return undefined;
  return parsePort(line.text) ?? parseExtendedPort(line.text);
}

const modernNeeds = (lines: readonly WitnessedLine[]): RuleNeed[] =>
  lines.flatMap((line) => {
    const port = announced(line);
    return port === undefined ? [] : [{ line, port }];
  });

/** ftp-proxy.md §17: a PORT is remembered until the next line of either peer, and only `200 ` makes rules of it. */
function classicNeeds(lines: readonly WitnessedLine[]): RuleNeed[] {
  const needs: RuleNeed[] = [];
  const offered = new Map<number, number>();
  const accepted = new Map<number, number>();
  for (const line of lines) {
    const { session, leg, towards, text } = line;
    const port = announced(line);
    if (port !== undefined && towards === "client") needs.push({ line, port });
    else if (port !== undefined) offered.set(session, port);
    else if (towards === "server") offered.delete(session);
    else if (leg === "server") {
      const pending = offered.get(session);
      if (pending !== undefined && text.startsWith("200 ")) accepted.set(session, pending);
      offered.delete(session);
    } else if (text.startsWith("200 ")) {
      const granted = accepted.get(session);
      if (granted !== undefined) needs.push({ line, port: granted });
      accepted.delete(session);
    }
  }
  return needs;
}
