/**
 * 3. Rules are in the anchor before the line that makes a peer use them is sent on. With the classic generation the
 * rules of PORT and EPRT come with the server's consent: they are there before the client gets its `200 `.
 */

import { parseExtendedPort, parsePort } from "../play/announced-port.ts";
import { escapeLine, type WitnessedLine } from "../play/transcript.ts";
import { broken, held, type Invariant, notApplicable } from "./evidence.ts";

const NAME = "rules-before-line";
const TITLE = "Rules come before the line that needs them";

export const rulesBeforeLine: Invariant = ({ transcript, terminates, profile }) => {
  if (!terminates) return notApplicable(NAME, TITLE, "the subject loads no rules");
  const needs = profile === "classic" ? classicNeeds(transcript.lines) : modernNeeds(transcript.lines);
  for (const { line, port } of needs) {
    if (!line.rules.some((rule) => rule.includes(` port = ${port} `))) {
      const text = escapeLine(line.text);
      return broken(NAME, TITLE, `${text} was sent on while no rule in the anchor was for port ${port}`);
    }
  }
  const detail = needs.length === 0 ? "no line was rewritten" : `${needs.length} negotiations, each after its rules`;
  return held(NAME, TITLE, detail);
};

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
