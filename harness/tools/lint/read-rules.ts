/**
 * A rule set parsed for a machine: the one that is given, or one guessed from the text.
 *
 * A guess takes two parses: the first shows which addresses the rules speak of, the second sees a machine that has them.
 *
 * @example
 * readRules("pass out on em0 from 10.0.0.0/24 nat-to (em0)\n", {}).site.outside // "em0"
 */

import { asFilterRules, isAnchor } from "../../pf/engine/rules/translation-rules.ts";
import { addressOf, inNetwork, networkOf } from "../../pf/engine/tables/address.ts";
import type { Era } from "../../pf/language/eras.ts";
import { type Parsed, parseRuleset } from "../../pf/language/parse.ts";
import { releaseOf } from "../../pf/language/releases.ts";
import type { Interface, Ruleset } from "../../pf/ruleset.ts";
import { guessEra, macrosOf, type Statement, splitStatements, wordsOf } from "../../pf/text/statements.ts";
import { interfaceNames } from "./interface-names.ts";
import { givenMachine, guessMachine, type Machine } from "./machine.ts";
import { allRules, type Evidence, evidenceOf, NO_EVIDENCE, namedAddresses } from "./rule-facts.ts";

export interface ReadOptions {
  /** What the text is called in messages; `pf.conf` by default. */
  readonly file?: string;
  /** Guessed from the text if not given. */
  readonly era?: Era;
  /** The release whose pfctl reads the text, such as `freebsd@14`; wins over `era`. */
  readonly release?: string;
  /** Guessed from the text if not given. */
  readonly interfaces?: readonly Interface[];
  /** For `include` and tables in files. */
  readonly readFile?: (path: string) => string | undefined;
}

export interface ReadRules {
  readonly statements: readonly Statement[];
  readonly era: Era;
  readonly evidence: Evidence;
  readonly machine: Machine;
  readonly parsed: Parsed;
}

export function readRules(text: string, options: ReadOptions): ReadRules {
  const statements = splitStatements(text);
  const { release } = options;
  const era = release === undefined ? (options.era ?? guessEra(statements)) : releaseOf({ release }).era;
  const names = interfaceNames(statements);
  const parse = (interfaces: readonly Interface[]): Parsed =>
    parseRuleset(text, {
      era,
      ...(release !== undefined && { release }),
      interfaces,
      file: options.file ?? "pf.conf",
      hosts: hostNames(statements),
      ...(options.readFile && { readFile: options.readFile }),
    });
  const given = options.interfaces;
  const first = parse(given ?? guessMachine(names, NO_EVIDENCE, () => false).interfaces);
  const evidence = evidenceOf(withTranslations(first.ruleset));
  const machine =
    given === undefined ? guessMachine(names, evidence, mentioned(first.ruleset)) : givenMachine(given, names);
  return { statements, era, evidence, machine, parsed: given === undefined ? parse(machine.interfaces) : first };
}

/** Filter rules, and before them translation rules in their modern form. */
export const withTranslations = (ruleset: Ruleset): Ruleset => ({
  ...ruleset,
  rules: [
    ...(ruleset.translations ?? []).flatMap((one) => (isAnchor(one) ? [] : asFilterRules(one))),
    ...ruleset.rules,
  ],
});

/** Whether rules or tables speak of the address. */
function mentioned({ rules, tables }: Ruleset): (address: string) => boolean {
  const networks = allRules(rules)
    .flatMap(({ source, destination }) => [source, destination])
    .flatMap(({ address }) => namedAddresses(address, tables))
    .map(({ address, prefix }) => networkOf(address, prefix));
  return (text) =>
    networks.some((network) => network.family === addressOf(text).family && inNetwork(addressOf(text), network));
}

/** Names of hosts cannot be looked up here: each gets an address for documentation (RFC 5737). */
function hostNames(statements: readonly Statement[]): Readonly<Record<string, readonly string[]>> {
  const macros = macrosOf(statements);
  const names = statements
    .flatMap((statement) => wordsOf(statement, macros))
    .filter((word) => /^[a-z][\w-]*(?:\.[\w-]+)+$/i.test(word));
  return Object.fromEntries([...new Set(names)].map((name, index) => [name, [`192.0.2.${(index % 250) + 2}`]]));
}
