/**
 * `pfctl -sr`: rules of a loaded ruleset, with counters (-v) and numbers (-vv), and anchors as blocks.
 */

import type { Firewall } from "../engine/firewall.ts";
import type { CalledAnchor, LoadedRule, LoadedTranslation } from "../engine/rules/loaded-rule.ts";
import type { Era } from "../language/eras.ts";
import { printRule, printTranslation, TRANSLATION_TYPES } from "../language/print/print.ts";
import type { TranslationType } from "../rule.ts";
import { left } from "./columns.ts";

export interface ShowRulesOptions {
  /** 0, or how often -v was given. */
  readonly verbose?: number;
  /** `-a 'x/*'`: anchors with their contents. */
  readonly recurse?: boolean;
  /** `-R`: only this one. */
  readonly number?: number;
  /** `-P`; by default as the era prints ports. */
  readonly portNames?: boolean;
  /** Language to print in; that of OpenBSD 7.8 by default. */
  readonly era?: Era;
}

/** Undefined if there is no such ruleset. */
export function showRules(firewall: Firewall, path: string, options: ShowRulesOptions = {}): string[] | undefined {
  const node = firewall.rulesets.get(path);
  if (node === undefined) return undefined;
  const numbered = options.number === undefined ? node.rules : node.rules.slice(options.number, options.number + 1);
  if (options.recurse && path !== "" && node.rules.length === 0) return children(firewall, node, options, 0);
  return numbered.flatMap((rule) => showRule(firewall, rule, options, 0));
}

function showRule(firewall: Firewall, loaded: LoadedRule, options: ShowRulesOptions, depth: number): string[] {
  const { verbose = 0, recurse } = options;
  const indent = verbose > 0 ? "" : "  ".repeat(depth);
  const { rule, anchor } = loaded;
  // pf.conf(5): used up `once` rules are only shown with -vv.
  if (loaded.expired && verbose < 2) return [];
  const internal = rule.kind === "anchor" && rule.name === undefined;
  const block = anchor !== undefined && (internal || recurse);
  const text = printRule(rule, {
    ...(options.portNames !== undefined && { portNames: options.portNames }),
    ...(options.era && { era: options.era }),
    ...(loaded.expired && { expired: true }),
    ...(verbose > 1 && {
      number: loaded.number,
      count: (spec) => {
        if (spec.kind === "dynamic") return dynamicCount(firewall, loaded, spec);
        return loaded.tables.find(({ name }) => name === spec.name)?.effective()?.size;
      },
    }),
  });
  const lines = [`${indent}${text}${block ? " {" : ""}`];
  if (verbose > 0) lines.push(...counters(loaded));
  if (block) {
    const inside =
      loaded.wildcard && anchor.rules.length === 0
        ? children(firewall, anchor, options, depth + 1)
        : anchor.rules.flatMap((inner) => showRule(firewall, inner, options, depth + 1));
    lines.push(...inside, `${indent}}`);
  }
  return lines;
}

/** The children of `x/*`, each as a block. */
function children(firewall: Firewall, node: CalledAnchor, options: ShowRulesOptions, depth: number): string[] {
  const indent = (options.verbose ?? 0) > 0 ? "" : "  ".repeat(depth);
  return node.children.flatMap((child) => [
    `${indent}anchor "${child.name}" all {`,
    ...child.rules.flatMap((rule) => showRule(firewall, rule, options, depth + 1)),
    `${indent}}`,
  ]);
}

function dynamicCount(
  { interfaces }: Firewall,
  { rule }: LoadedRule,
  spec: Parameters<typeof interfaces.dynamic>[0],
): number {
  const count = (family: "inet" | "inet6") => interfaces.dynamic(spec, family).length;
  // af-to takes its addresses from the other family.
  const family = rule.kind === "filter" && rule.afTo !== undefined ? rule.afTo.family : rule.family;
  return family === undefined ? count("inet") + count("inet6") : count(family);
}

function counters({ evaluations, packets, bytes, states, creations, pid }: LoadedRule): string[] {
  const seen = `Evaluations: ${left(evaluations, 8)}  Packets: ${left(packets[0] + packets[1], 8)}`;
  return [
    `  [ ${seen}  Bytes: ${left(bytes[0] + bytes[1], 10)}  States: ${left(states, 6)}]`,
    `  [ Inserted: uid 0 pid ${pid} State Creations: ${left(creations, 6)}]`,
  ];
}

/** `pfctl -sl`: rules with a label. */
export function showLabels(firewall: Firewall, path: string, recurse = false): string[] | undefined {
  const node = firewall.rulesets.get(path);
  const walk = (one: CalledAnchor): string[] =>
    one.rules.flatMap((loaded) => {
      const { rule, evaluations, packets, bytes, creations, anchor } = loaded;
      const inner = recurse && anchor !== undefined ? walk(anchor) : [];
      if (rule.label === undefined) return inner;
      const [packetsIn, packetsOut] = packets;
      const [bytesIn, bytesOut] = bytes;
      const sums = `${evaluations} ${packetsIn + packetsOut} ${bytesIn + bytesOut}`;
      return [`${rule.label} ${sums} ${packetsIn} ${bytesIn} ${packetsOut} ${bytesOut} ${creations}`, ...inner];
    });
  return node === undefined ? undefined : walk(node);
}

/** `pfctl -sA`: paths below `path`. Those that begin with `_` only with -v. */
export function showAnchors(firewall: Firewall, path: string, verbose: boolean): string[] | undefined {
  const node = firewall.rulesets.get(path);
  const walk = (one: CalledAnchor): string[] =>
    one.children.flatMap((child) => [
      ...(child.path.startsWith("_") && !verbose ? [] : [`  ${child.path}`]),
      ...walk(child),
    ]);
  return node === undefined ? undefined : walk(node);
}

/** `pfctl -sn` of the era `rdr-anchor`: translation rules. */
export function showTranslations(
  firewall: Firewall,
  path: string,
  options: ShowRulesOptions = {},
): string[] | undefined {
  const { verbose = 0, recurse, portNames } = options;
  const node = firewall.rulesets.get(path);
  const show = ({ translation, rules }: LoadedTranslation, number: number, depth: number): string[] => {
    const indent = verbose > 0 ? "" : "  ".repeat(depth);
    const text = printTranslation(translation, {
      era: "rdr-anchor",
      ...(portNames !== undefined && { portNames }),
      ...(verbose > 1 && { number }),
    });
    const called = rules[0]?.anchor;
    const line = `${indent}${text}${recurse && called !== undefined ? " {" : ""}`;
    const counted = verbose > 0 ? rules.slice(0, 1).flatMap(counters) : [];
    if (!recurse || called === undefined) return [line, ...counted];
    const below = rules[0]?.wildcard ? called.children : [called];
    const inner = below.flatMap((child) => walk(child, [translation.type], depth + 1));
    return [line, ...counted, ...inner, `${indent}}`];
  };
  const walk = (one: CalledAnchor, types: readonly TranslationType[], depth: number): string[] =>
    types.flatMap((type) =>
      one.translations
        .filter(({ translation }) => translation.type === type)
        .flatMap((loaded, number) => show(loaded, number, depth)),
    );
  return node === undefined ? undefined : walk(node, TRANSLATION_TYPES, 0);
}
