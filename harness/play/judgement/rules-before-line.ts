/**
 * 3. Rules are in the anchor before the proxy sends on the line that makes a peer use them. With the classic generation
 * the rules of PORT and EPRT come with the server's consent: they are loaded before the client gets its `200 `.
 *
 * Judges by order, not by time. A line may cross the wire when its rules are no longer loaded: in a burst of
 * negotiations each replaces the rules of the one before, while that one's line still waits in a socket. Three orders
 * break the invariant:
 * - a line before its rules,
 * - a line after its rules were removed,
 * - a line that a later negotiation's line has overtaken.
 */

import { type AnchorChange, escapeLine, type ObservedLine } from "../observation/timeline.ts";
import { type Invariant, verdictsOf } from "./evidence.ts";

const { held, broken, doesNotApply } = verdictsOf("rules-before-line", "Rules come before the line that needs them");

export const rulesBeforeLine: Invariant = ({ timeline, terminates, profile, era, sampled }) => {
  if (!terminates) return doesNotApply("the subject loads no rules");
  // A proxy without a reference may be of either generation where both were.
  const mayBeClassic = profile === "classic" || (profile === "proxy" && era === "rdr-anchor");
  const needs = mayBeClassic ? classicNeeds(timeline.lines) : modernNeeds(timeline.lines);
  const changes = timeline.anchorChanges.map(portsOf);
  /** By anchor: the change that the last line was for. */
  const reached = new Map<string, number>();
  for (const { line, port } of needs) {
    const fault = faultOf(changes.slice(0, line.changesBefore), port, reached);
    if (fault === undefined) continue;
    // Rules loaded between two readings look like rules that were never loaded.
    if (sampled) return doesNotApply(`not observable here: no reading of the anchor shows port ${port} yet`);
    return broken(`${escapeLine(line.text)} was sent on ${fault}`);
  }
  const detail = needs.length === 0 ? "no line was rewritten" : `${needs.length} negotiations, each after its rules`;
  return held(detail);
};

/** The ports that an anchor's rules open, from a moment on. */
interface Opened {
  readonly anchor: string;
  readonly ports: ReadonlySet<number>;
}

const portsOf = ({ anchor, rules }: AnchorChange): Opened => ({
  anchor,
  ports: new Set(rules.flatMap((rule) => [...rule.matchAll(/ port = (\d+) /g)].map(([, port]) => Number(port)))),
});

/** `changes`: those before the line. Sets the change that the line was for in `reached`. */
function faultOf(changes: readonly Opened[], port: number, reached: Map<string, number>): string | undefined {
  const loads = [...changes.entries()].filter(([, { ports }]) => ports.has(port));
  if (loads.length === 0) return `while no rule in the anchor was for port ${port}`;
  const next = loads.filter(([place, { anchor }]) => place > (reached.get(anchor) ?? -1));
  if (next.length === 0) return `after a line whose rules had replaced those for port ${port}`;
  const left = next.find(([place, { anchor }]) => !isEmptied(changes.slice(place), anchor));
  if (left === undefined) return `after the rules for port ${port} had been removed`;
  reached.set(left[1].anchor, left[0]);
  return undefined;
}

const isEmptied = (changes: readonly Opened[], name: string): boolean =>
  changes.some(({ anchor, ports }) => anchor === name && ports.size === 0);

/** A line, and the port that rules must open before it is sent on. */
interface RuleNeed {
  readonly line: ObservedLine;
  readonly port: number;
}

/** PORT and 227: the fifth and sixth of six numbers. @example parsePort("227 … (192,0,2,1,195,80)\r\n") // 50000 */
export function parsePort(line: string): number | undefined {
  const match = /^(?:PORT |227[ -]).*?(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)/is.exec(line);
  return match === null ? undefined : Number(match[5]) * 256 + Number(match[6]);
}

/** EPRT and 229: the number between the last delimiters. @example parseExtendedPort("229 … (|||50000|)\r\n") // 50000 */
export function parseExtendedPort(line: string): number | undefined {
  const match = /^(?:EPRT |229[ -]).*([|!])(\d+)\1/is.exec(line);
  return match === null ? undefined : Number(match[2]);
}

/**
 * The port that the proxy announces, read as leniently as some client or server might. A line that the proxy passes on
 * as it came opens nothing.
 */
function announced(line: ObservedLine): number | undefined {
  if (line.leg !== line.towards || line.insteadOf === undefined) return undefined;
  return parsePort(line.text) ?? parseExtendedPort(line.text);
}

const modernNeeds = (lines: readonly ObservedLine[]): RuleNeed[] =>
  lines.flatMap((line) => {
    const port = announced(line);
    return port === undefined ? [] : [{ line, port }];
  });

/** ftp-proxy.md §17: the proxy remembers a PORT until the next line of either peer, and only `200 ` makes it load rules. */
function classicNeeds(lines: readonly ObservedLine[]): RuleNeed[] {
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
