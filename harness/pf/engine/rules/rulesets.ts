/**
 * The main ruleset and the tree of anchors, and the transactions that change them.
 *
 * A transaction replaces the rules of some rulesets at once: `begin` opens one for a path, `put` fills it, `commit`
 * puts it in force, `rollback` drops it. Children are in the order of strcmp(3) of their full path.
 */

import type { AnchorRule, Rule, Translation } from "../../rule.ts";
import type { Ruleset, TableDefinition } from "../../ruleset.ts";
import type { Tables } from "../tables/tables.ts";
import { LoadedRule, type LoadedTranslation } from "./loaded-rule.ts";
import { calculateSkipSteps, QuickReject } from "./skip-steps.ts";
import { asAnchorRule, asFilterRules, isAnchor } from "./translation-rules.ts";

/** One anchor, or the main ruleset ("" as path). */
class AnchorNode {
  readonly path: string;
  readonly parent: AnchorNode | undefined;
  /** In evaluation order. */
  readonly children: AnchorNode[] = [];
  rules: LoadedRule[] = [];
  /** Era `rdr-anchor`. */
  translations: LoadedTranslation[] = [];
  quick: QuickReject | undefined;
  /** Anchor rules that call it. */
  references = 0;
  /** Transactions begun and not ended. */
  open = 0;

  constructor(path: string, parent: AnchorNode | undefined) {
    this.path = path;
    this.parent = parent;
  }

  /** Last component. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }
}

/** Number of rules from which a QuickReject pays. */
const QUICK_FROM = 8;

interface Inactive {
  readonly node: AnchorNode;
  readonly rules: LoadedRule[];
  readonly translations: LoadedTranslation[];
  readonly tables: readonly TableDefinition[];
}

/** Rulesets that are replaced together. */
export class Transaction {
  readonly inactive = new Map<string, Inactive>();
  /** Process that loads the rules: shown with -v. */
  readonly pid: number;

  constructor(pid = 0) {
    this.pid = pid;
  }
}

export class Rulesets {
  readonly main = new AnchorNode("", undefined);
  readonly #nodes = new Map<string, AnchorNode>([["", this.main]]);
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  get(path: string): AnchorNode | undefined {
    return this.#nodes.get(path);
  }

  /** All paths but the main one, depth first. */
  paths(): string[] {
    const walk = (node: AnchorNode): string[] => node.children.flatMap((child) => [child.path, ...walk(child)]);
    return walk(this.main);
  }

  /** Adds a ruleset, and the inline anchors in it, to a transaction. */
  put(transaction: Transaction, path: string, ruleset: Ruleset): void {
    this.#put(transaction, path, ruleset.rules, ruleset.tables, ruleset.translations ?? []);
  }

  commit(transaction: Transaction, nowMs: number): void {
    const parts = [...transaction.inactive.entries()];
    const gone: LoadedRule[] = [];
    for (const [path, { node, rules, translations, tables }] of parts) {
      for (const table of tables) this.#tables.define(path, table, nowMs);
      gone.push(...node.rules, ...node.translations.flatMap((one) => one.rules));
      node.rules = rules;
      node.translations = translations;
      node.open--;
      calculateSkipSteps(rules);
      node.quick = rules.length < QUICK_FROM ? undefined : new QuickReject(rules);
    }
    this.#release(gone);
    for (const [, { node }] of parts) this.#removeIfEmpty(node);
    transaction.inactive.clear();
  }

  rollback(transaction: Transaction): void {
    const parts = [...transaction.inactive.values()];
    for (const { node, rules, translations } of parts) {
      node.open--;
      this.#release([...rules, ...translations.flatMap((one) => one.rules)]);
    }
    // Seen on 7.8: a rolled back ruleset that was new stays listed, empty, until its next transaction.
    transaction.inactive.clear();
  }

  #put(
    transaction: Transaction,
    path: string,
    rules: readonly Rule[],
    tables: readonly TableDefinition[],
    translations: readonly Translation[],
  ): void {
    const node = this.#node(path);
    const before = transaction.inactive.get(path);
    if (before === undefined) node.open++;
    const loaded: LoadedRule[] = [...(before?.rules ?? [])];
    const translating: LoadedTranslation[] = [...(before?.translations ?? [])];
    const allTables = [...(before?.tables ?? []), ...tables];
    transaction.inactive.set(path, { node, rules: loaded, translations: translating, tables: allTables });
    const load = (rule: Rule, number: number, called?: AnchorNode): LoadedRule => {
      const added = new LoadedRule(rule, number, (name) => this.#tables.attach(path, name), called);
      added.pid = transaction.pid;
      return added;
    };
    for (const rule of rules) {
      const called = rule.kind === "anchor" ? this.#call(path, rule) : undefined;
      if (called !== undefined && rule.kind === "anchor" && rule.rules !== undefined) {
        this.#put(transaction, called.path, rule.rules, rule.tables ?? [], []);
      }
      loaded.push(load(rule, loaded.length, called));
    }
    for (const translation of translations) {
      const number = translating.length;
      if (!isAnchor(translation)) {
        const made = asFilterRules(translation).map((rule) => load(rule, number));
        translating.push({ translation, number, rules: made });
        continue;
      }
      const rule = asAnchorRule(translation);
      const called = this.#call(path, rule);
      if (translation.rules !== undefined) this.#put(transaction, called.path, [], [], translation.rules);
      translating.push({ translation, number, rules: [load(rule, number, called)] });
    }
  }

  /** The ruleset that an anchor rule calls, created if missing. */
  #call(path: string, rule: AnchorRule): AnchorNode {
    const called = this.#node(anchorTarget(path, rule));
    called.references++;
    return called;
  }

  /** After the last state of a rule was freed: releases the rule if it left its ruleset. */
  stateFreed(rule: LoadedRule): void {
    if (rule.removed && rule.states === 0) this.#letGo(rule);
  }

  /** Releases tables and anchors of rules that left a ruleset; with states, when the last one is freed. */
  #release(rules: readonly LoadedRule[]): void {
    for (const rule of rules) {
      rule.removed = true;
      if (rule.states === 0) this.#letGo(rule);
    }
  }

  #letGo(rule: LoadedRule): void {
    if (rule.released) return;
    rule.released = true;
    for (const table of rule.tables) this.#tables.detach(table);
    const called = rule.anchor === undefined ? undefined : this.#nodes.get(rule.anchor.path);
    if (called === undefined) return;
    called.references--;
    this.#removeIfEmpty(called);
  }

  #node(path: string): AnchorNode {
    const known = this.#nodes.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf("/");
    const parent = this.#node(slash < 0 ? "" : path.slice(0, slash));
    const node = new AnchorNode(path, parent);
    this.#nodes.set(path, node);
    const after = parent.children.findIndex((child) => compareBytes(child.path, path) > 0);
    parent.children.splice(after < 0 ? parent.children.length : after, 0, node);
    return node;
  }

  /** pf_ruleset.c, pf_remove_if_empty_ruleset(): its empty parents, too. */
  #removeIfEmpty(start: AnchorNode): void {
    let node: AnchorNode = start;
    while (node.parent !== undefined) {
      const held = node.rules.length + node.translations.length;
      const used = held > 0 || node.children.length > 0 || node.references > 0 || node.open > 0;
      if (used || this.#tables.any(node.path) || this.#nodes.get(node.path) !== node) return;
      this.#nodes.delete(node.path);
      node.parent.children.splice(node.parent.children.indexOf(node), 1);
      node = node.parent;
    }
  }
}

/** Full path of the anchor that a rule in the ruleset `path` calls; `name/*` is the anchor `name`. */
export function anchorTarget(path: string, rule: AnchorRule): string {
  let name = rule.name ?? rule.internalName ?? "";
  if (name === "*") name = "";
  else if (name.endsWith("/*")) name = name.slice(0, -2);
  if (name.startsWith("/")) return name.slice(1);
  let base = path;
  while (name.startsWith("../") || name === "..") {
    base = base.includes("/") ? base.slice(0, base.lastIndexOf("/")) : "";
    name = name.slice(3);
  }
  return base === "" ? name : name === "" ? base : `${base}/${name}`;
}

/** strcmp(3) for text without code points above 0xffff. */
const compareBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
