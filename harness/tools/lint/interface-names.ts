/**
 * Interfaces that a rule set speaks of, and what it seems to use them for: lint needs a firewall to try the rules on,
 * and most often nobody has told it what the machine looks like.
 *
 * @example
 * interfaceNames(splitStatements('ext = "em0"\npass out on $ext\n')) // em0, with a point for "outside"
 */

import { macrosOf, type Statement, wordsOf } from "../../pf/text/statements.ts";

export interface NamedInterface {
  readonly name: string;
  /** Points for being on the side of the rest of the world; below 0: on the side of the local networks. */
  outside: number;
  /** It was called a group: no digit at the end. */
  readonly isGroup: boolean;
}

const OUTSIDE = /^ext|_ext|wan|internet|^inet|^out|^pub|^isp|(?:^|_)red(?:$|_)|world|uplink|egress|pppoe/i;
const INSIDE = /^int|_int|(?<!v)lan|inside|^priv|green|^home|^local|dmz|wifi|wired|guest|trust/i;

/** Words after which names of interfaces come. */
const BEFORE_NAMES = new Set(["on", "for", "received-on", "loginterface"]);

export const isLoopbackName = (name: string): boolean => /^lo\d*$/.test(name);

export function interfaceNames(statements: readonly Statement[]): readonly NamedInterface[] {
  const macros = macrosOf(statements);
  const found = new Map<string, NamedInterface>();
  const counted = new Set<string>();
  const meet = (name: string, points: number) => {
    if (!/^[a-z][a-z_]*\d*$/.test(name) || isLoopbackName(name) || NO_NAMES.has(name)) return;
    const known = found.get(name) ?? { name, outside: 0, isGroup: !/\d$/.test(name) };
    // Ten rules of one kind say no more than one.
    if (!counted.has(`${name} ${points}`)) known.outside += points;
    counted.add(`${name} ${points}`);
    found.set(name, known);
  };
  for (const statement of statements) if (!statement.isMacro) meetAll(wordsOf(statement, macros), meet);
  for (const [name, value] of macros) {
    const known = found.get(value);
    if (known !== undefined) known.outside += points(name);
  }
  for (const known of found.values()) known.outside += points(known.name);
  return [...found.values()];
}

const NO_NAMES = new Set(["any", "self", "rdomain", "all", "port", "to", "from", "user", "no", "route"]);

/** Names say more than any one rule. */
const points = (name: string): number => (OUTSIDE.test(name) ? 6 : INSIDE.test(name) ? -6 : 0);

function meetAll(words: readonly string[], meet: (name: string, points: number) => void): void {
  const translates = words.includes("nat-to") || words[0] === "nat";
  // What leads to a proxy comes from clients, unless it is for one host: then that is the firewall itself (-R).
  const destination = words[words.indexOf("to") + 1];
  const toAnyone = !words.includes("to") || destination === "any" || destination === "port" || destination === "!";
  const diverts = toAnyone && (words.includes("divert-to") || words[0] === "rdr");
  const direction = words.includes("in") ? "in" : words.includes("out") ? "out" : undefined;
  const ftp = words.includes("ftp") || words[words.lastIndexOf("port") + 1] === "21";
  // Out to any server, or in to one host, is towards the world; out to one host is towards a server of one's own.
  const towards = direction === "out" ? (toAnyone ? 2 : -2) : direction === "in" && !toAnyone ? 2 : 0;
  const onPoints = translates ? 5 : diverts ? -4 : ftp ? towards : 0;
  words.forEach((word, index) => {
    const before = words[index - 1];
    if (before !== undefined && BEFORE_NAMES.has(before)) {
      for (const name of listAt(words, index)) meet(name, before === "on" ? onPoints : 0);
    }
    const modified = /^([a-z][a-z_]*\d*):(?:network|broadcast|peer|0)/.exec(word);
    const dynamic = before === "(" && words[index + 1] === ")" ? word.replace(/:.*$/, "") : undefined;
    const name = modified?.[1] ?? dynamic;
    if (name === undefined) return;
    const target = words[index - 2] === "nat-to" || before === "nat-to" || words[index - 2] === "->";
    meet(name, target ? 5 : translates && word.includes(":network") && !words.includes("!") ? -3 : 0);
  });
}

/** One name, or those of `{ … }`; a `!` before them is passed over. */
function listAt(words: readonly string[], start: number): readonly string[] {
  let index = start;
  if (words[index] === "!") index++;
  if (words[index] !== "{") return words[index] === undefined ? [] : [words[index] as string];
  const end = words.indexOf("}", index);
  return words.slice(index + 1, end < 0 ? undefined : end).filter((word) => word !== "," && word !== "!");
}
