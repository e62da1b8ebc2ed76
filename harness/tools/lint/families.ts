/**
 * Which address families FTP has to work in: those that the machine has on both sides, or, where the machine is only
 * guessed, those that the rules let through. IPv4 unless the rules speak of nothing but IPv6.
 */

import type { Family } from "../../pf/packet.ts";
import { macrosOf, type Statement, wordsOf } from "../../pf/text/statements.ts";
import { familyOfText, type Named } from "./rule-facts.ts";
import type { Site } from "./site.ts";

export function familiesInUse(
  statements: readonly Statement[],
  site: Site,
  servers: readonly Named[],
): readonly Family[] {
  const macros = macrosOf(statements);
  const words = statements.filter(({ isMacro }) => !isMacro).map((statement) => wordsOf(statement, macros));
  const wanted = (["inet", "inet6"] as const).filter((family) => !words.some((rule) => shutsOut(rule, family)));
  // With -R there is one server, and so one family.
  const served = wanted.filter((family) => servers.some(({ address }) => familyOfText(address) === family));
  if (served.length > 0) return served;
  if (!site.guessed) return wanted.filter((family) => isThere(site, family));
  const passing = words.filter(([keyword = ""]) => /^(?:pass|match|nat|rdr)$/.test(keyword));
  const tables = new Set(
    words.filter((rule) => rule[0] === "table" && rule.slice(2).some(isInet6Word)).map(([, name]) => name),
  );
  const inet6 = passing.filter((rule) => speaksOfInet6(rule) || rule.some((word) => tables.has(word))).length;
  return wanted.filter((family) => (family === "inet6" ? inet6 > 0 : inet6 < passing.length || passing.length === 0));
}

/** `block quick inet6`: the whole family is not wanted. */
const shutsOut = (words: readonly string[], family: Family): boolean =>
  words[0] === "block" &&
  words.includes("quick") &&
  words.includes(family) &&
  !words.some((word) => /^(?:on|port|proto|from|to)$/.test(word));

function isThere({ interfaces, outside, inside }: Site, family: Family): boolean {
  const has = (name: string) =>
    interfaces
      .find((one) => one.name === name)
      ?.addresses.some(({ address }) => familyOfText(address) === family && !/^fe80/i.test(address)) ?? false;
  return has(outside) && inside.some(has);
}

/** Judged by the words: names of interfaces stand for both families on a machine that is only guessed. */
const speaksOfInet6 = (words: readonly string[]): boolean =>
  !words.includes("lo0") &&
  !words.includes("lo") &&
  words.some((word) => /^(?:inet6|icmp6|ipv6-icmp|icmp6-type)$/.test(word) || isInet6Word(word));

const isInet6Word = (word: string): boolean => /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:./]*$/i.test(word);
