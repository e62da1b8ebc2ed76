/**
 * The walk through the rules: main ruleset and anchors in order, the last match wins, `quick` ends it.
 *
 * There are two ways to walk, with the same result: "skip-steps" jumps as the kernel does; "plain" looks at every rule,
 * but leaves those that the kernel would have jumped over out of the Evaluations.
 */

import type { PacketNotes, RulePosition } from "../../decision.ts";
import type { TranslationType } from "../../rule.ts";
import type { Description } from "../description.ts";
import type { Kernel, Question } from "../kernel.ts";
import type { IcmpMapping } from "../states/icmp-mapping.ts";
import type { UsedNodes } from "../translation/pools.ts";
import { translate } from "../translation/translate.ts";
import { type Actions, apply } from "./actions.ts";
import { ELSEWHERE, firstMismatch, MATCHES } from "./criteria.ts";
import { type CalledAnchor, type LoadedRule, type LoadedTranslation, Position } from "./loaded-rule.ts";
import { type QuickPacket, UNDECIDED } from "./skip-steps.ts";
import { isAnchor, ORDER } from "./translation-rules.ts";

export type Walk = "skip-steps" | "plain";

/** pf.c: PF_ANCHOR_STACK_MAX, the frames below the top included. */
const MAX_DEPTH = 64;

export interface LogEntry {
  readonly rule: RulePosition;
  readonly action: "pass" | "block" | "match" | "rdr" | "nat";
}

export class Evaluation implements Question {
  readonly kernel: Kernel;
  readonly description: Description;
  readonly icmp: IcmpMapping | undefined;
  readonly actions: Actions;
  readonly notes: PacketNotes;
  tag: string | undefined;
  /** The last matching pass or block rule; the default rule before any has matched. */
  rule: LoadedRule;
  /** The anchor rule that leads directly to it. */
  anchor: LoadedRule | undefined;
  position: RulePosition | undefined;
  /** Matching match rules. */
  readonly matched: LoadedRule[] = [];
  readonly matchedPositions: RulePosition[] = [];
  readonly nodes: UsedNodes = {};
  readonly logged: LogEntry[] = [];
  natRule: LoadedRule | undefined;
  /** A translation rule of the era `rdr-anchor` matched: the packet makes a state, whatever the filter rule says. */
  translatedFirst = false;
  /** The reason if the walk itself drops the packet. */
  failure: "translate" | "memory" | undefined;
  /** The anchor rule of the ruleset that is being walked. */
  #within: LoadedRule | undefined;
  #depth = 0;
  readonly #walk: Walk;
  #quickPacket: QuickPacket;

  constructor(kernel: Kernel, description: Description, icmp: IcmpMapping | undefined, walk: Walk) {
    this.kernel = kernel;
    this.description = description;
    this.notes = description.notes;
    this.icmp = icmp;
    this.actions = { rtable: description.rdomain };
    this.rule = kernel.defaultRule;
    this.#walk = walk;
    this.#quickPacket = this.#asQuickPacket();
  }

  /** Walks, then applies the deciding rule. */
  run(): void {
    const { main } = this.kernel.rulesets;
    const first = main.translations.length === 0 ? undefined : firstTranslation(this, main);
    if (first !== undefined) {
      const { rule, position, action } = first;
      this.translatedFirst = true;
      this.matched.push(rule);
      this.matchedPositions.push(position);
      if (rule.filter !== undefined) apply(rule.filter, this.actions);
      this.#translate(rule);
      if (this.failure !== undefined) return;
      if (rule.filter?.log !== undefined) this.logged.push({ rule: position, action });
    }
    if (!first?.pass) this.#ruleset(main, "");
    if (this.failure !== undefined) return;
    const { rule, position } = this;
    const { filter } = rule;
    if (filter === undefined) return;
    apply(filter, this.actions);
    this.#translate(rule);
    if (this.failure !== undefined) return;
    if (position !== undefined && (filter.log !== undefined || this.actions.logMatches)) {
      this.logged.push({ rule: position, action: filter.action === "block" ? "block" : "pass" });
    }
  }

  /** True: the walk is over. */
  #ruleset(node: CalledAnchor, prefix: string): boolean {
    const { rules } = node;
    const { considered } = this.kernel;
    const plain = this.#walk === "plain";
    /** Plain walk: rules below this number would have been jumped over. */
    let jumped = 0;
    const quick = plain || considered !== undefined ? undefined : node.quick;
    const covers = quick?.covers(this.kernel.interfaces, this.description.interface);
    for (let at = 0; at < rules.length; ) {
      if (quick !== undefined && covers !== undefined) {
        const miss = quick.test(at, covers, this.#quickPacket);
        if (miss !== UNDECIDED) {
          at = quick.next(at, miss);
          continue;
        }
      }
      const rule = rules[at] as LoadedRule;
      if (rule.expired) {
        at++;
        continue;
      }
      const counts = at >= jumped;
      if (counts) rule.evaluated();
      const miss = firstMismatch(rule, this);
      considered?.(rule, miss, prefix, this);
      if (miss !== MATCHES) {
        const next = miss === ELSEWHERE ? at + 1 : (rule.skip[miss] as number);
        if (!plain) at = next;
        else {
          if (counts) jumped = next;
          at++;
        }
        continue;
      }
      if (this.#matched(rule, prefix)) return true;
      at++;
    }
    return false;
  }

  #matched(rule: LoadedRule, prefix: string): boolean {
    if (rule.rule.tag !== undefined) this.tag = rule.rule.tag;
    if (rule.anchor !== undefined) return this.#enter(rule, rule.anchor, prefix);
    const { filter } = rule;
    if (filter === undefined) return false;
    if (filter.once) rule.expiredAt = this.kernel.seconds();
    const position = new Position(rule, prefix);
    if (filter.action === "match") {
      this.matched.push(rule);
      this.matchedPositions.push(position);
      apply(filter, this.actions);
      this.#translate(rule);
      if (this.failure !== undefined) return true;
      if (filter.log !== undefined) this.logged.push({ rule: position, action: "match" });
    } else {
      this.rule = rule;
      this.anchor = this.#within;
      this.position = position;
    }
    return filter.quick ?? false;
  }

  /** An anchor's own rules, or those of each of its children. */
  #enter(rule: LoadedRule, anchor: CalledAnchor, prefix: string): boolean {
    const inside = `${prefix}${rule.number}/`;
    const outer = this.#within;
    if (!rule.wildcard) return this.#descend(rule, anchor, inside, outer);
    for (const child of anchor.children) {
      if (this.#descend(rule, child, `${inside}${child.name}/`, outer)) return true;
    }
    return false;
  }

  #descend(rule: LoadedRule, node: CalledAnchor, prefix: string, outer: LoadedRule | undefined): boolean {
    if (this.#depth + 1 >= MAX_DEPTH) {
      this.failure = "memory";
      return true;
    }
    this.#depth++;
    this.#within = rule;
    const done = this.#ruleset(node, prefix);
    this.#within = outer;
    this.#depth--;
    // A quick anchor stops only for a rule that it leads to directly.
    return done || (rule.rule.quick === true && this.anchor === rule);
  }

  #translate(rule: LoadedRule): void {
    const { description } = this;
    const { afTo } = rule.filter ?? {};
    if (afTo !== undefined) description.newFamily = afTo.family;
    const done = translate(this.kernel, description, rule, this.nodes);
    if (done === false) this.failure = "translate";
    else if (done === true) {
      this.natRule = rule;
      this.#quickPacket = this.#asQuickPacket();
    }
  }

  #asQuickPacket(): QuickPacket {
    const { direction, family, protocol, newSourceAddress } = this.description;
    const source = newSourceAddress.family === "inet" ? newSourceAddress.words[0] : undefined;
    return { interface: this.description.interface, direction, family, protocol, source };
  }
}

interface FirstTranslation {
  readonly rule: LoadedRule;
  readonly position: Position;
  /** `rdr pass`: filter rules do not count. */
  readonly pass: boolean;
  readonly action: "nat" | "rdr";
}

/**
 * Era `rdr-anchor`: the first translation rule that matches, before any filter rule. Undefined if none does, or if it
 * is one of `no nat` and the like.
 */
function firstTranslation(question: Question, main: CalledAnchor): FirstTranslation | undefined {
  const { direction } = question.description;
  for (const type of ORDER[direction]) {
    const found = search(question, main, type, `${type} `);
    if (found === undefined) continue;
    const [translation, rule, position] = found;
    const { translation: written } = translation;
    if (isAnchor(written) || written.exempt) return undefined;
    const action = direction === "out" ? "nat" : "rdr";
    return { rule, position, pass: written.pass ?? false, action };
  }
  return undefined;
}

type Found = readonly [LoadedTranslation, LoadedRule, Position];

function search(question: Question, node: CalledAnchor, type: TranslationType, prefix: string): Found | undefined {
  const { direction } = question.description;
  for (const loaded of node.translations) {
    const { translation, rules } = loaded;
    if (translation.type !== type) continue;
    for (const rule of rules) {
      if (!isAnchor(translation) && rule.rule.direction !== direction) continue;
      rule.evaluated();
      const miss = firstMismatch(rule, question);
      question.kernel.considered?.(rule, miss, prefix, question);
      if (miss !== MATCHES) continue;
      if (rule.rule.tag !== undefined) question.tag = rule.rule.tag;
      if (!isAnchor(translation)) return [loaded, rule, new Position(rule, prefix)];
      const { anchor } = rule;
      if (anchor === undefined) continue;
      const inside = `${prefix}${loaded.number}/`;
      const called = rule.wildcard ? anchor.children : [anchor];
      for (const child of called) {
        const found = search(question, child, type, rule.wildcard ? `${inside}${child.name}/` : inside);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}
