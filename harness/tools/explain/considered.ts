/** The rules that a packet met, in words: why each matched or not, and what came of it. */

import type { Decision } from "../../pf/decision.ts";
import type { Consideration, Criterion } from "../../pf/engine/rules/trace.ts";
import { printRule } from "../../pf/language/print/print.ts";
import { type Statement, splitStatements } from "../../pf/text/statements.ts";

export interface Considered {
  /** `5`, `3/4711.1/1`, `rdr 0`: see RulePosition. */
  readonly path: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly matched: boolean;
  /** The first criterion that the packet failed. */
  readonly missed?: Criterion;
  /** Why, or what the rule did. */
  readonly because: string;
  /** It is the last word about the packet. */
  readonly decides: boolean;
}

export function consideredRules(
  met: readonly Consideration[],
  text: string,
  decision: Decision,
): readonly Considered[] {
  const isTranslation = ({ path }: Consideration) => /^(?:nat|rdr|binat) /.test(path);
  const statements = met.some(isTranslation) ? splitStatements(text) : [];
  const last = met.findLast(({ missed, rule }) => missed === undefined && isFinal(rule.filter?.action));
  return met.map((one, index) => {
    const { path, rule, missed } = one;
    const { line, file = "" } = rule.rule;
    const decides = one === last;
    return {
      path,
      file,
      line,
      text: isTranslation(one) ? writtenAt(text, statements, line) : printRule(rule.rule),
      matched: missed === undefined,
      ...(missed !== undefined && { missed }),
      because: missed === undefined ? effect(one, met[index + 1], decides, decision) : mismatch(one, missed),
      decides,
    };
  });
}

const isFinal = (action: string | undefined): boolean => action === "pass" || action === "block";

/** Translation rules of the older language are shown as they are written. */
function writtenAt(text: string, statements: readonly Statement[], line: number): string {
  const found = statements.find((statement) => statement.line <= line && line <= statement.lastLine);
  return found === undefined ? "" : text.slice(found.start, found.end);
}

function effect(one: Consideration, next: Consideration | undefined, decides: boolean, decision: Decision): string {
  const { rule, path } = one;
  if (rule.filter === undefined) return entered(rule.wildcard, path, next);
  const quick = rule.rule.quick ? ", quick" : "";
  const tagged = rule.rule.tag === undefined ? "" : `, tags ${rule.rule.tag}`;
  if (rule.filter.action === "match") return `matches${quick}${tagged}${translation(one, next, decision)}`;
  return `matches${quick}${tagged}: ${decides ? "decides" : "a later rule overrides it"}`;
}

function entered(wildcard: boolean, path: string, next: Consideration | undefined): string {
  const inside = next?.path.startsWith(`${path}/`) ?? false;
  if (inside) return "matches: its rules are asked";
  return wildcard ? "matches: there is no anchor below it" : "matches: there are no rules in it";
}

/** How the packet looked to the next rule, or in the end. */
function translation({ seen }: Consideration, next: Consideration | undefined, decision: Decision): string {
  const { packet } = decision.verdict === "pass" ? decision : { packet: undefined };
  const after = next?.seen ?? (packet !== undefined && "sourcePort" in packet ? packet : undefined);
  if (after === undefined) return "";
  const changes: string[] = [];
  if (after.source !== seen.source || after.sourcePort !== seen.sourcePort) {
    changes.push(`source is now ${at(after.source, after.sourcePort)}`);
  }
  if (after.destination !== seen.destination || after.destinationPort !== seen.destinationPort) {
    changes.push(`destination is now ${at(after.destination, after.destinationPort)}`);
  }
  return changes.length === 0 ? "" : `: ${changes.join(", ")}`;
}

const at = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

/** What the packet has instead of what the rule asks for. */
function mismatch({ seen, tag }: Consideration, missed: Criterion): string {
  switch (missed) {
    case "source address":
      return `no: source address is ${seen.source}`;
    case "destination address":
      return `no: destination address is ${seen.destination}`;
    case "source port":
      return `no: source port is ${seen.sourcePort}`;
    case "destination port":
      return `no: destination port is ${seen.destinationPort}`;
    case "tagged":
      return tag === undefined ? "no: the packet has no tag" : `no: the tag is ${tag}`;
    case "probability":
      return "no: by probability";
    case "max-pkt-rate":
      return "no: over max-pkt-rate";
    default:
      return `no: another ${missed}`;
  }
}
