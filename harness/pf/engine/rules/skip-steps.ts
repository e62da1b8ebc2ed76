/**
 * Skip steps: runs of neighbouring rules that agree in a criterion fail it together, so that the evaluation may jump
 * to the first that differs. They change no decision, only which rules count an evaluation.
 *
 * The order below is the order in which the kernel tests, and what pfctl -vsr shows as Evaluations depends on it
 * (pfvar.h: PF_SKIP_*).
 */

import type { LoadedRule } from "./loaded-rule.ts";

type Same = (a: LoadedRule, b: LoadedRule) => boolean;

const SAME: readonly Same[] = [
  (a, b) => a.rule.interface?.name === b.rule.interface?.name && a.interfaceNegated === b.interfaceNegated,
  (a, b) => a.rule.direction === b.rule.direction,
  (a, b) => a.rule.rdomain?.number === b.rule.rdomain?.number && a.interfaceNegated === b.interfaceNegated,
  (a, b) => a.rule.family === b.rule.family,
  (a, b) => a.rule.protocol === b.rule.protocol,
  (a, b) => a.source.negated === b.source.negated && a.source.addressKey === b.source.addressKey,
  (a, b) => a.destination.negated === b.destination.negated && a.destination.addressKey === b.destination.addressKey,
  (a, b) => a.source.portKey === b.source.portKey,
  (a, b) => a.destination.portKey === b.destination.portKey,
];

/** Fills in `skip` of every rule of a ruleset. */
export function calculateSkipSteps(rules: readonly LoadedRule[]): void {
  for (let number = rules.length - 1; number >= 0; number--) {
    const rule = rules[number] as LoadedRule;
    const next = rules[number + 1];
    for (let i = 0; i < SAME.length; i++) {
      const goesOn = next !== undefined && (SAME[i] as Same)(rule, next);
      rule.skip[i] = goesOn ? (next.skip[i] as number) : number + 1;
    }
  }
}
