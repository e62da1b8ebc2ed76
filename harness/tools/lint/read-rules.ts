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
import type { Absent } from "../../pf/language/context.ts";
import type { Era } from "../../pf/language/eras.ts";
import { type Parsed, parseRuleset } from "../../pf/language/parse.ts";
import { RELEASES, releaseOf } from "../../pf/language/releases.ts";
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
  /** A machine that was guessed before: corrections are tried on the same one. */
  readonly machine?: Machine;
  /** `-D NAME=value`: wins over the macros of the text. */
  readonly defines?: Readonly<Record<string, string>>;
  /** For `include` and tables in files. */
  readonly readFile?: (path: string) => string | undefined;
}

export interface ReadRules {
  readonly statements: readonly Statement[];
  readonly era: Era;
  readonly evidence: Evidence;
  readonly machine: Machine;
  readonly parsed: Parsed;
  /** The release whose pfctl was taken, and whether the text alone says so. */
  readonly release: string;
  readonly releaseGuessed: boolean;
  /** What the text asks of its machine and is not here. */
  readonly absent: readonly Absent[];
}

export function readRules(text: string, options: ReadOptions): ReadRules {
  const statements = splitStatements(text);
  const names = interfaceNames(splitStatements(withDefines(text, options.defines)));
  const given = options.interfaces ?? options.machine?.interfaces;
  const absent = new Map<string, Absent>();
  const parseAs = (interfaces: readonly Interface[], release: string): Parsed => {
    absent.clear();
    return parseRuleset(text, {
      release,
      interfaces,
      file: options.file ?? "pf.conf",
      hosts: hostNames(statements),
      absent: (one) => absent.set(`${one.kind} ${one.name}`, one),
      ...(options.defines && { defines: options.defines }),
      ...(options.readFile && { readFile: options.readFile }),
    });
  };
  const unnamed = given ?? guessMachine(names, NO_EVIDENCE, () => false).interfaces;
  const release = options.release ?? likeliestRelease(options.era, statements, (name) => parseAs(unnamed, name));
  const { era } = releaseOf({ release });
  const parse = (interfaces: readonly Interface[]): Parsed => parseAs(interfaces, release);
  const first = parse(unnamed);
  const evidence = evidenceOf(withTranslations(first.ruleset));
  const machine =
    options.machine ??
    (given === undefined ? guessMachine(names, evidence, mentioned(first.ruleset)) : givenMachine(given, names));
  const parsed = given === undefined ? parse(machine.interfaces) : first;
  const releaseGuessed = options.release === undefined;
  return { statements, era, evidence, machine, parsed, release, releaseGuessed, absent: [...absent.values()] };
}

/** The era's own release; one of the same era whose pfctl takes more of the lines, where there is one. */
function likeliestRelease(
  era: Era | undefined,
  statements: readonly Statement[],
  parse: (release: string) => Parsed,
): string {
  const chosen = era ?? guessEra(statements);
  const own = releaseOf({ era: chosen }).name;
  const refusals = ({ errors, accepted }: Parsed) => (accepted ? 0 : Math.max(1, errors.length));
  let best = { name: own, refused: refusals(parse(own)) };
  for (const { name } of RELEASES.filter((one) => one.era === chosen && one.name !== own)) {
    if (best.refused === 0) break;
    const refused = refusals(parse(name));
    if (refused < best.refused) best = { name, refused };
  }
  return best.name;
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

/** `pfctl -D` for a text that a lab loads: lines keep their numbers. */
export const withDefines = (text: string, defines: ReadOptions["defines"] = {}): string =>
  Object.entries(defines).reduce(
    (result, [name, value]) => result.replace(new RegExp(`\\$${name}(?!\\w)`, "g"), () => value),
    text,
  );
