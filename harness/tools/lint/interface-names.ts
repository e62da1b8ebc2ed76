/**
 * The interfaces that a rule set names, and whether it uses each as an outside or an inside one. lint needs this guess
 * when nothing describes the machine.
 *
 * Each hint adds its weight once to an interface: above 0 for outside (the rest of the world), below 0 for inside (the
 * local networks). The name of an interface, or of a macro for it, weighs more than any one rule.
 *
 * @example
 * interfaceNames(splitStatements('ext = "em0"\npass out on $ext\n')) // [{ name: "em0", outside: 6, isGroup: false }]
 */

import { macrosOf, type Statement, wordsOf } from "../../pf/text/statements.ts";
import { isLocal } from "./rule-facts.ts";

export interface NamedInterface {
  readonly name: string;
  /** The sum of the hints: above 0 for an outside interface, below 0 for an inside one. */
  outside: number;
  /** The name has no number, so it names a group. */
  readonly isGroup: boolean;
}

/** Hints, and what they weigh. */
const HINT = {
  namedOutside: 6, // ext_if, wan, egress
  namedInside: -6, // int_if, lan, dmz
  translatesSource: 5, // nat on em0; nat-to (em0)
  leadsToProxy: -4, // divert-to or rdr for any destination: the clients are there
  sourceNetworkOfNat: -3, // … from em1:network nat-to …
  ownNetwork: -2, // pass in on em1 from em1:network, or from 10.0.0.0/24: hosts there are ours
  blockedIn: 1, // block in on em0
  passedOut: 1, // pass out on em0
  ftpOutToAny: 2, // the proxy's connections to servers in the world
  ftpOutToOneHost: -2, // a server behind this firewall (-R)
  ftpInToOneHost: 2, // clients in the world (-R)
  none: 0,
} as const;

const OUTSIDE = /^ext|_ext|wan|internet|^inet|^out|^pub|^isp|(?:^|_)red(?:$|_)|world|uplink|egress|pppoe/i;
const INSIDE = /^int|_int|(?<!v)lan|inside|^priv|green|^home|^local|dmz|wifi|wired|guest|trust/i;

/** Names of interfaces follow these words. */
const BEFORE_NAMES = new Set(["on", "for", "received-on", "loginterface"]);

/** Words of pf.conf in a name's place. */
const NO_NAMES = new Set(["any", "self", "rdomain", "all", "port", "to", "from", "user", "no", "route"]);

/** The group and the system's own; clients can live on lo1 (jails). */
export const isLoopbackName = (name: string): boolean => /^lo0?$/.test(name);

const isInterfaceName = (word: string): boolean =>
  /^[a-z][a-z_]*\d*$/.test(word) && !isLoopbackName(word) && !NO_NAMES.has(word);

interface Mention {
  readonly name: string;
  readonly weight: number;
}

export function interfaceNames(statements: readonly Statement[]): readonly NamedInterface[] {
  const macros = macrosOf(statements);
  const found = new Map<string, NamedInterface>();
  const counted = new Set<string>();
  const mentions = statements.flatMap((one) => (one.isMacro ? [] : mentionsIn(wordsOf(one, macros))));
  for (const { name, weight } of mentions.filter((one) => isInterfaceName(one.name))) {
    const known = found.get(name) ?? { name, outside: 0, isGroup: !/\d$/.test(name) };
    // Ten rules with the same hint count once.
    if (!counted.has(`${name} ${weight}`)) known.outside += weight;
    counted.add(`${name} ${weight}`);
    found.set(name, known);
  }
  for (const [macro, value] of macros) {
    const known = found.get(value);
    if (known !== undefined) known.outside += weightOfName(macro);
  }
  for (const known of found.values()) known.outside += weightOfName(known.name);
  return [...found.values()];
}

const weightOfName = (name: string): number =>
  OUTSIDE.test(name) ? HINT.namedOutside : INSIDE.test(name) ? HINT.namedInside : HINT.none;

/** The interfaces that one rule names: after `on`, as `em0:network`, as `(em0)`. */
function mentionsIn(words: readonly string[]): readonly Mention[] {
  // No clients are looked for where PF does not look.
  if (words[0] === "set" && words[1] === "skip") return [];
  const translates = words.includes("nat-to") || words[0] === "nat";
  const weight = weightOfRule(words, translates);
  return words.flatMap((word, index): readonly Mention[] => {
    const before = words[index - 1];
    const listed =
      before !== undefined && BEFORE_NAMES.has(before)
        ? namesAt(words, index).map((name) => ({ name, weight: before === "on" ? weight : HINT.none }))
        : [];
    const modified = /^([a-z][a-z_]*\d*):(?:network|broadcast|peer|0)(?::0)?$/.exec(word);
    const dynamic = before === "(" && words[index + 1] === ")" ? word.replace(/:.*$/, "") : undefined;
    const name = modified?.[1] ?? dynamic;
    if (name === undefined) return listed;
    const isNatTarget = words[index - 2] === "nat-to" || before === "nat-to" || words[index - 2] === "->";
    const isNatSource = translates && word.includes(":network") && !words.includes("!");
    const own = isNatTarget ? HINT.translatesSource : isNatSource ? HINT.sourceNetworkOfNat : HINT.none;
    return [...listed, { name, weight: own }];
  });
}

/** What the rule says about the interface after its `on`. */
function weightOfRule(words: readonly string[], translates: boolean): number {
  if (translates) return HINT.translatesSource;
  const destination = words[words.indexOf("to") + 1];
  const toAny = !words.includes("to") || destination === "any" || destination === "port" || destination === "!";
  const redirects = words.includes("divert-to") || words[0] === "rdr" || /^(?:127\.|::1)/.test(after(words, "rdr-to"));
  if (toAny && redirects) return HINT.leadsToProxy;
  const forFtp = words.includes("ftp") || words[words.lastIndexOf("port") + 1] === "21";
  if (!forFtp) return weightOfPolicy(words);
  if (words.includes("in")) return toAny ? HINT.none : HINT.ftpInToOneHost;
  if (words.includes("out")) return toAny ? HINT.ftpOutToAny : HINT.ftpOutToOneHost;
  return HINT.none;
}

/** Rules that have nothing to do with FTP: weak hints. */
function weightOfPolicy(words: readonly string[]): number {
  const source = after(words, "from");
  if (words[0] === "block") return words.includes("in") && words.includes("on") ? HINT.blockedIn : HINT.none;
  if (words[0] !== "pass") return HINT.none;
  if (words.includes("in")) return isOwnNetwork(source) ? HINT.ownNetwork : HINT.none;
  return words.includes("out") && !isOwnNetwork(source) ? HINT.passedOut : HINT.none;
}

const isOwnNetwork = (word: string): boolean =>
  /^[a-z]\w*:network$/.test(word) || isLocal({ address: word, prefix: 0 });

const after = (words: readonly string[], word: string): string =>
  words.includes(word) ? (words[words.indexOf(word) + 1] ?? "") : "";

/** One name, or those of `{ … }`; `!` is skipped. */
function namesAt(words: readonly string[], start: number): readonly string[] {
  const index = words[start] === "!" ? start + 1 : start;
  if (words[index] !== "{") return words[index] === undefined ? [] : [words[index] as string];
  const end = words.indexOf("}", index);
  return words.slice(index + 1, end < 0 ? undefined : end).filter((word) => word !== "," && word !== "!");
}
