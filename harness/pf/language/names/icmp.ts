/**
 * Names of ICMP and ICMPv6 types and codes, as pf.conf(5) writes and pfctl prints them. `icmpTypeName(8, "inet")` is
 * `echoreq`; a type or code without a name is printed as its number.
 */

import type { Family } from "../../packet.ts";
import { type NamedNumbers, namedNumbers } from "./named-numbers.ts";

/** ICMP type "unreachable" of either family. */
export const UNREACHABLE: Record<Family, number> = { inet: 3, inet6: 1 };
/** Its code "port unreachable". */
export const PORT_UNREACHABLE: Record<Family, number> = { inet: 3, inet6: 4 };

const types: Record<Family, NamedNumbers> = {
  inet: namedNumbers(`
    echorep:0 unreach:3 squench:4 redir:5 althost:6 echoreq:8 routeradv:9 routersol:10 timex:11 paramprob:12
    timereq:13 timerep:14 inforeq:15 inforep:16 maskreq:17 maskrep:18 trace:30 dataconv:31 mobredir:32 ipv6-where:33
    ipv6-here:34 mobregreq:35 mobregrep:36 skip:39 photuris:40
  `),
  // The second names of a number are read but never printed.
  inet6: namedNumbers(`
    unreach:1 toobig:2 timex:3 paramprob:4 echoreq:128 echorep:129 groupqry:130 grouprep:131 groupterm:132
    routersol:133 routeradv:134 neighbrsol:135 neighbradv:136 redir:137 routrrenum:138 wrureq:139 wrurep:140
    listenrepv2:143 mtraceresp:200 mtrace:201 listqry:130 listenrep:131 listendone:132 fqdnreq:139 fqdnrep:140
    niqry:139 nirep:140
  `),
};

const codes: Record<Family, Readonly<Record<number, NamedNumbers>>> = {
  inet: {
    3: namedNumbers(`
      net-unr:0 host-unr:1 proto-unr:2 port-unr:3 needfrag:4 srcfail:5 net-unk:6 host-unk:7 isolate:8 net-prohib:9
      host-prohib:10 net-tos:11 host-tos:12 filter-prohib:13 host-preced:14 cutoff-preced:15
    `),
    5: namedNumbers("redir-net:0 redir-host:1 redir-tos-net:2 redir-tos-host:3"),
    9: namedNumbers("normal-adv:0 common-adv:16"),
    11: namedNumbers("transit:0 reassemb:1"),
    12: namedNumbers("badhead:0 optmiss:1 badlen:2"),
    40: namedNumbers("unknown-ind:1 auth-fail:2 decrypt-fail:3"),
  },
  inet6: {
    1: namedNumbers("noroute-unr:0 admin-unr:1 beyond-unr:2 addr-unr:3 port-unr:4"),
    3: namedNumbers("transit:0 reassemb:1"),
    4: namedNumbers("badhead:0 nxthdr:1"),
    137: namedNumbers("redironlink:0 redirrouter:1"),
  },
};

export const icmpTypeName = (type: number, family: Family): string | undefined => types[family].name(type);

export const icmpType = (name: string, family: Family): number | undefined => types[family].number(name);

export const icmpCodeName = (type: number, code: number, family: Family): string | undefined =>
  codes[family][type]?.name(code);

export const icmpCode = (type: number, name: string, family: Family): number | undefined =>
  codes[family][type]?.number(name);
