/**
 * The era `rdr-anchor`: before the filter rules are asked, the first translation rule that matches translates the
 * packet, and `no nat` and the like end the search with nothing done. `rdr pass` spares it the filter rules.
 */

import type { TranslationType } from "../../translation.ts";
import { firstMismatch, MATCHES, type Question } from "../rules/criteria.ts";
import { type CalledAnchor, type LoadedRule, type LoadedTranslation, Position } from "../rules/loaded-rule.ts";
import { isAnchor, ORDER } from "./translation-rules.ts";

export interface FirstTranslation {
  readonly rule: LoadedRule;
  readonly position: Position;
  /** Filter rules are not asked. */
  readonly pass: boolean;
  readonly action: "nat" | "rdr";
}

/** Undefined: nothing is translated. */
export function firstTranslation(question: Question, main: CalledAnchor): FirstTranslation | undefined {
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
