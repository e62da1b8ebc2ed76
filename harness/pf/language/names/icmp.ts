/**
 * Names of ICMP and ICMPv6 types and codes, as pf.conf(5) writes and pfctl prints them. `icmpTypeName(8, "inet")` is
 * `echoreq`; a type or code without a name is printed as its number.
 */

import type { Family } from "../../packet.ts";

/** ICMP type "unreachable" of either family. */
export const UNREACHABLE: Record<Family, number> = { inet: 3, inet6: 1 };
/** Its code "port unreachable". */
export const PORT_UNREACHABLE: Record<Family, number> = { inet: 3, inet6: 4 };

type Names = Readonly<Record<number, string>>;

const types: Record<Family, Names> = {
  inet: {
    0: "echorep",
    3: "unreach",
    4: "squench",
    5: "redir",
    6: "althost",
    8: "echoreq",
    9: "routeradv",
    10: "routersol",
    11: "timex",
    12: "paramprob",
    13: "timereq",
    14: "timerep",
    15: "inforeq",
    16: "inforep",
    17: "maskreq",
    18: "maskrep",
    30: "trace",
    31: "dataconv",
    32: "mobredir",
    33: "ipv6-where",
    34: "ipv6-here",
    35: "mobregreq",
    36: "mobregrep",
    39: "skip",
    40: "photuris",
  },
  inet6: {
    1: "unreach",
    2: "toobig",
    3: "timex",
    4: "paramprob",
    128: "echoreq",
    129: "echorep",
    130: "groupqry",
    131: "grouprep",
    132: "groupterm",
    133: "routersol",
    134: "routeradv",
    135: "neighbrsol",
    136: "neighbradv",
    137: "redir",
    138: "routrrenum",
    139: "wrureq",
    140: "wrurep",
    143: "listenrepv2",
    200: "mtraceresp",
    201: "mtrace",
  },
};

/** Further names that are read but never printed. */
const aliases: Record<Family, Readonly<Record<string, number>>> = {
  inet: {},
  inet6: { listqry: 130, listenrep: 131, listendone: 132, fqdnreq: 139, fqdnrep: 140, niqry: 139, nirep: 140 },
};

const codes: Record<Family, Readonly<Record<number, Names>>> = {
  inet: {
    3: {
      0: "net-unr",
      1: "host-unr",
      2: "proto-unr",
      3: "port-unr",
      4: "needfrag",
      5: "srcfail",
      6: "net-unk",
      7: "host-unk",
      8: "isolate",
      9: "net-prohib",
      10: "host-prohib",
      11: "net-tos",
      12: "host-tos",
      13: "filter-prohib",
      14: "host-preced",
      15: "cutoff-preced",
    },
    5: { 0: "redir-net", 1: "redir-host", 2: "redir-tos-net", 3: "redir-tos-host" },
    9: { 0: "normal-adv", 16: "common-adv" },
    11: { 0: "transit", 1: "reassemb" },
    12: { 0: "badhead", 1: "optmiss", 2: "badlen" },
    40: { 1: "unknown-ind", 2: "auth-fail", 3: "decrypt-fail" },
  },
  inet6: {
    1: { 0: "noroute-unr", 1: "admin-unr", 2: "beyond-unr", 3: "addr-unr", 4: "port-unr" },
    3: { 0: "transit", 1: "reassemb" },
    4: { 0: "badhead", 1: "nxthdr" },
    137: { 0: "redironlink", 1: "redirrouter" },
  },
};

function find(names: Names | undefined, name: string): number | undefined {
  for (const number in names) if (names?.[Number(number)] === name) return Number(number);
  return undefined;
}

export const icmpTypeName = (type: number, family: Family): string | undefined => types[family][type];

export const icmpType = (name: string, family: Family): number | undefined =>
  find(types[family], name) ?? (Object.hasOwn(aliases[family], name) ? aliases[family][name] : undefined);

export const icmpCodeName = (type: number, code: number, family: Family): string | undefined =>
  codes[family][type]?.[code];

export const icmpCode = (type: number, name: string, family: Family): number | undefined =>
  find(codes[family][type], name);
