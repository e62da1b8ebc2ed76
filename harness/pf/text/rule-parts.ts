/**
 * A rule of any era cut into its clauses, as text: `pass in quick on $int inet proto tcp to port ftp divert-to …`
 * becomes action, direction, interface, family, protocol, ends and options. Lists and macros stay as they are written.
 *
 * @example
 * partsOf(statement, text).on // "$int_if", undefined if the rule names no interface
 */

import type { Statement, Token } from "./statements.ts";

export interface Clause {
  /** Its first word, `! tagged` and `! received-on` included; `->` before a pool of the older language. */
  readonly name: string;
  /** The rest after the name. */
  readonly value: string;
}

export interface RuleParts {
  /** `pass`, `block return`, `nat`, `no rdr`, `anchor "x"`, `rdr-anchor "x"`, `scrub` … */
  readonly action: string;
  /** `rdr pass`, `nat pass`. */
  readonly passes: boolean;
  readonly direction?: "in" | "out";
  /** `log (all)`. */
  readonly log?: string;
  readonly quick: boolean;
  /** After `on`. */
  readonly on?: string;
  readonly family?: "inet" | "inet6";
  /** After `proto`. */
  readonly protocol?: string;
  /** After `from`, with port and os; undefined if absent. `all` is the absence of both. */
  readonly from?: string;
  /** After `to`. */
  readonly to?: string;
  readonly clauses: readonly Clause[];
}

const CLAUSES = new Set([
  ..."flags icmp-type icmp6-type tos keep modulate synproxy no user group fragment allow-opts label tag tagged".split(
    " ",
  ),
  ..."rtable probability set scrub queue once prio max-pkt-rate received-on divert-to divert-reply divert-packet".split(
    " ",
  ),
  ..."nat-to rdr-to binat-to af-to route-to reply-to dup-to -> no-df random-id min-ttl max-mss reassemble".split(" "),
]);

/** Answers that may follow `block`. */
const ANSWERS = new Set(["drop", "return", "return-rst", "return-icmp", "return-icmp6"]);

class Walk {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #at = 0;

  constructor(tokens: readonly Token[], text: string) {
    this.#tokens = tokens;
    this.#text = text;
  }

  get next(): string | undefined {
    return this.#tokens[this.#at]?.text;
  }

  get afterNext(): string | undefined {
    return this.#tokens[this.#at + 1]?.text;
  }

  accept(word: string): boolean {
    if (this.next !== word) return false;
    this.#at++;
    return true;
  }

  take(): string {
    return this.#tokens[this.#at++]?.text ?? "";
  }

  /** The text up to a word that `ends` accepts, with brackets as a whole. */
  until(ends: (word: string) => boolean): string {
    const first = this.#tokens[this.#at];
    let last: Token | undefined;
    let depth = 0;
    for (let token = first; token !== undefined; token = this.#tokens[this.#at]) {
      if (depth === 0 && ends(token.text)) break;
      if (token.text === "{" || token.text === "(") depth++;
      if (token.text === "}" || token.text === ")") depth--;
      if (!(token.text === "," && depth === 0)) last = token;
      this.#at++;
    }
    return first === undefined || last === undefined ? "" : this.#text.slice(first.start, last.end);
  }

  /** One name, `! name`, or a list in brackets. */
  item(): string {
    const first = this.#tokens[this.#at];
    this.accept("!");
    if (this.next === "rdomain") this.take();
    let last = this.#tokens[this.#at];
    if (this.next === "{" || this.next === "(") {
      const closing: string = this.next === "{" ? "}" : ")";
      for (let word = this.next as string | undefined; word !== undefined && word !== closing; word = this.next) {
        this.take();
      }
      last = this.#tokens[this.#at];
    }
    this.take();
    return first === undefined || last === undefined ? "" : this.#text.slice(first.start, last.end);
  }
}

const startsClause = (word: string, following: string | undefined): boolean =>
  CLAUSES.has(word) || (word === "!" && (following === "tagged" || following === "received-on"));

/** Undefined for a statement that is not a rule: a macro, an option, a table … */
export function partsOf(statement: Statement, text: string): RuleParts | undefined {
  if (statement.isMacro) return undefined;
  const tokens = statement.opensBlock ? statement.tokens.slice(0, -1) : statement.tokens;
  const walk = new Walk(tokens, text);
  const action = actionOf(walk);
  if (action === undefined) return undefined;
  const passes = /^(?:no )?(?:nat|rdr|binat)$/.test(action) && walk.accept("pass");
  const parts: { -readonly [K in keyof RuleParts]?: RuleParts[K] } = { action, passes, quick: false };
  if (walk.next === "in" || walk.next === "out") parts.direction = walk.take() as "in" | "out";
  for (;;) {
    if (walk.accept("quick")) parts.quick = true;
    else if (walk.accept("log")) parts.log = walk.next === "(" ? `log ${walk.item()}` : "log";
    else break;
  }
  if (walk.accept("on")) parts.on = walk.item();
  const clauses: Clause[] = [];
  // Before 4.7 routing options come here.
  while (walk.next === "route-to" || walk.next === "reply-to" || walk.next === "dup-to") {
    clauses.push({ name: walk.take(), value: walk.item() });
  }
  if (walk.next === "inet" || walk.next === "inet6") parts.family = walk.take() as "inet" | "inet6";
  if (walk.accept("proto")) parts.protocol = walk.item();
  const endOfEnd = (word: string) => word === "from" || word === "to" || startsClause(word, walk.afterNext);
  if (!walk.accept("all")) {
    if (walk.accept("from")) parts.from = walk.until(endOfEnd);
    if (walk.accept("to")) parts.to = walk.until(endOfEnd);
  }
  while (walk.next !== undefined) {
    if (walk.accept(",")) continue;
    const negated = walk.accept("!");
    const name = walk.take();
    // `set prio 5`: prio begins no other clause here.
    const object = name === "set" && walk.next !== "(" ? walk.take() : "";
    const rest = walk.until((word) => startsClause(word, walk.afterNext));
    const value = [object, rest].filter(Boolean).join(" ");
    clauses.push({ name: negated ? `! ${name}` : name, value });
  }
  return { ...parts, clauses } as RuleParts;
}

function actionOf(walk: Walk): string | undefined {
  const first = walk.take();
  switch (first) {
    case "pass":
    case "match":
    case "scrub":
    case "nat":
    case "rdr":
    case "binat":
      return first;
    case "no":
      return `no ${walk.take()}`;
    case "block": {
      if (walk.next === undefined || !ANSWERS.has(walk.next)) return first;
      const answer = walk.take();
      return `block ${answer}${walk.next === "(" ? ` ${walk.item()}` : ""}`;
    }
    case "anchor":
    case "nat-anchor":
    case "rdr-anchor":
    case "binat-anchor": {
      const name = walk.next;
      const named = name !== undefined && !ANCHOR_ENDS.has(name);
      return named ? `${first} ${walk.take()}` : first;
    }
    default:
      return undefined;
  }
}

/** Words that may follow `anchor` without a name. */
const ANCHOR_ENDS = new Set(["in", "out", "log", "quick", "on", "inet", "inet6", "proto", "from", "to", "all", "{"]);

export const clause = (parts: RuleParts, name: string): Clause | undefined =>
  parts.clauses.find((one) => one.name === name);

/** The rule again, in the order of pf.conf(5). */
export function partsText(parts: RuleParts): string {
  const words = [
    parts.action,
    parts.passes ? "pass" : undefined,
    parts.direction,
    parts.log,
    parts.quick ? "quick" : undefined,
    parts.on === undefined ? undefined : `on ${parts.on}`,
    parts.family,
    parts.protocol === undefined ? undefined : `proto ${parts.protocol}`,
    parts.from === undefined ? undefined : `from ${parts.from}`,
    parts.to === undefined ? undefined : `to ${parts.to}`,
    ...parts.clauses.map(({ name, value }) => (value === "" ? name : `${name} ${value}`)),
  ];
  const all = parts.from === undefined && parts.to === undefined && needsAll(parts);
  if (all) words.splice(8, 0, "all");
  return words.filter((word) => word !== undefined && word !== "").join(" ");
}

/** Translation and scrub rules of the older language say `all` where they name no ends. */
const needsAll = ({ action }: RuleParts): boolean => /^(?:no )?(?:nat|rdr|binat|scrub)$/.test(action);
