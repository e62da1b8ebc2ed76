/**
 * What each release of PF reads and says: its words, the order of its statements, the wording that differs. The parser
 * and the printer ask this table instead of the release's name.
 *
 * `releaseNamed("freebsd@13")` is the record of FreeBSD 14; `defaultRelease("rdr-anchor")` is that of FreeBSD 15.
 * Sources: parse.y of OpenBSD 4.6 and 7.8, of FreeBSD 12.1 and 14.0; answers of pfctl of FreeBSD 12.1, 14.0 and 15.1.
 */

import type { Era } from "./eras.ts";

/** Kinds of statements whose order the era `rdr-anchor` demands. */
export type Stage = "options" | "ethernet" | "normalization" | "queueing" | "translation" | "filtering";

export interface Release {
  /** `freebsd@15` */
  readonly name: string;
  readonly era: Era;
  readonly system: "OpenBSD" | "FreeBSD" | "macOS";
  /** Reserved words: a bare word in this set is a keyword, any other is a string. */
  readonly keywords: ReadonlySet<string>;
  /** First words of statements. */
  readonly statements: ReadonlySet<string>;
  /** First words of a rule's options. */
  readonly options: ReadonlySet<string>;
  /** Names after `set`. */
  readonly settings: ReadonlySet<string>;
  /** Items of `keep state (…)`, beside timeouts. */
  readonly stateItems: ReadonlySet<string>;
  /** Options of pools. */
  readonly poolOptions: ReadonlySet<string>;
  /** Names of `set timeout` that are not OpenBSD's, too. */
  readonly sctpTimeouts: boolean;
  /** Names of `set limit`. */
  readonly limits: ReadonlySet<string>;
  /** Names of `set debug`. */
  readonly debugLevels: "syslog" | ReadonlySet<string>;
  /** The order of statements; empty where any order is fine. */
  readonly order: readonly Stage[];
  /** Whether yacc's lookahead is known, so that "syntax error" comes before what a clause would say. */
  readonly lookahead: boolean;
  /** A last line needs no newline at its end. */
  readonly addsNewline: boolean;
  /** Bandwidths in percent need an interface that tells its own; pfctl of 12 does not find it. */
  readonly knowsInterfaceSpeed: boolean;
  /** Labels that one rule may have. */
  readonly labels: number;
  /** `divert-to 8000`, to divert(4), instead of an address and a port. */
  readonly divertSockets: boolean;
  /** Routes come before the family and name an interface: `route-to (em0 192.0.2.254)`. */
  readonly routeFirst: boolean;
  /** Queues of altq(4). */
  readonly altq: boolean;
  /** Protocols with ports, as the complaint lists them. */
  readonly ported: "tcp/udp" | "tcp/udp/sctp";
  /** `pfctl -n` prints the last part of an anchor's path: `"/*"` for `"ftp-proxy/*"`. */
  readonly lastPartOfAnchors: boolean;
  /** `(em0)/24` keeps its mask. */
  readonly dynamicMasks: boolean;
  /** Prints scrub actions in parentheses, and `allow-opts` before `fragment`. */
  readonly scrubParentheses: boolean;
  /** `on any`: every interface but loopbacks, `log (matches)`, `set … prio`'s company: FreeBSD 15 took them over. */
  readonly anyInterface: boolean;
  /** Pools are checked for each combination of lists, not once for each text rule. */
  readonly poolsByRule: boolean;
}

const wordSet = (...texts: readonly string[]): ReadonlySet<string> =>
  new Set(texts.flatMap((text) => text.trim().split(/\s+/)));
/** These and those of another release. */
const withWords = (set: ReadonlySet<string>, ...texts: readonly string[]): ReadonlySet<string> =>
  new Set([...set, ...wordSet(...texts)]);
const without = (set: ReadonlySet<string>, ...texts: readonly string[]): ReadonlySet<string> => {
  const gone = wordSet(...texts);
  return new Set([...set].filter((word) => !gone.has(word)));
};

// OpenBSD 4.7 and later.

const openbsdKeywords = `
  af-to all allow-opts anchor antispoof any bandwidth binat-to bitmask block block-policy burst code debug default
  delay divert-packet divert-reply divert-to drop dup-to file fingerprints flags floating flows flush for fragment
  from global group hostid icmp-type icmp6-type if-bound in include inet inet6 keep label least-states limit load log
  loginterface match matches max max-mss max-pkt-rate max-src-conn max-src-conn-rate max-src-nodes max-src-states min
  min-ttl modulate nat-to no no-df no-route no-sync on once optimization os out overload parent pass pflow port prio
  probability proto qlimit quantum queue quick random random-id rdomain rdr-to reassemble received-on reply-to return
  return-icmp return-icmp6 return-rst round-robin route route-to rtable rule ruleset-optimization scrub set skip sloppy
  source-hash source-track state state-defaults state-policy static-port sticky-address syncookies synproxy table tag
  tagged timeout to tos ttl urpf-failed user weight
`;
const openbsdStatements = "string include set pass block match anchor load queue antispoof table";
const openbsdOptions = `
  user group flags icmp-type icmp6-type prio tos no keep modulate synproxy set scrub divert-to divert-reply
  divert-packet nat-to rdr-to binat-to af-to route-to reply-to dup-to fragment allow-opts once label tag ! tagged
  received-on probability rtable max-pkt-rate queue
`;
const openbsdSettings = `
  reassemble optimization ruleset-optimization timeout limit loginterface hostid block-policy fingerprints state-policy
  debug skip state-defaults syncookies
`;
const openbsdStateItems = `
  max max-src-states max-src-conn max-src-nodes max-src-conn-rate no-sync sloppy pflow if-bound floating source-track
  overload string
`;
const openbsdPools = "bitmask random source-hash round-robin least-states static-port sticky-address";
/** Words of today that OpenBSD 4.7 to 4.9 did not have. */
const sinceDivertTo = "divert-to divert-reply divert-packet af-to once received-on prio max-pkt-rate set";
/** altq(4), in OpenBSD until 5.4. */
const altqWords = `
  altq cbq priq hfsc tbrsize linkshare realtime upperlimit priority qlimit bandwidth queue
`;

const today: Release = {
  name: "openbsd@7.8",
  era: "divert-to",
  system: "OpenBSD",
  keywords: wordSet(openbsdKeywords),
  statements: wordSet(openbsdStatements),
  options: wordSet(openbsdOptions),
  settings: wordSet(openbsdSettings),
  stateItems: wordSet(openbsdStateItems),
  poolOptions: wordSet(openbsdPools),
  sctpTimeouts: false,
  limits: wordSet("states src-nodes frags tables table-entries pktdelay-pkts anchors"),
  debugLevels: "syslog",
  order: [],
  lookahead: true,
  addsNewline: true,
  knowsInterfaceSpeed: true,
  labels: 1,
  divertSockets: false,
  routeFirst: false,
  altq: false,
  ported: "tcp/udp",
  lastPartOfAnchors: false,
  dynamicMasks: true,
  scrubParentheses: false,
  anyInterface: true,
  poolsByRule: true,
};

/** Until 5.4 queues were altq(4)'s. */
const openbsd54: Release = {
  ...today,
  name: "openbsd@5.4",
  keywords: wordSet(openbsdKeywords, altqWords),
  statements: wordSet(openbsdStatements, "altq"),
  lookahead: false,
  altq: true,
};

const openbsd49: Release = {
  ...openbsd54,
  name: "openbsd@4.9",
  era: "rdr-to",
  options: without(openbsd54.options, sinceDivertTo),
  settings: without(openbsd54.settings, "syncookies"),
  poolOptions: without(openbsd54.poolOptions, "least-states"),
};

// The era `rdr-anchor`: FreeBSD, OpenBSD before 4.7, macOS.

const oldKeywords = `
  all allow-opts altq anchor antispoof any bandwidth binat binat-anchor bitmask block block-policy cbq code crop
  debug divert-reply divert-to drop drop-ovl dup-to fail-policy fastroute file fingerprints flags floating flush for
  fragment from global group hfsc hostid icmp-type icmp6-type if-bound in include inet inet6 keep label limit
  linkshare load log loginterface max max-mss max-src-conn max-src-conn-rate max-src-nodes max-src-states min-ttl
  modulate nat nat-anchor no no-df no-route no-sync on optimization os out overload pass port priority priq
  probability proto qlimit queue quick random random-id rdr rdr-anchor realtime reassemble reply-to require-order
  return return-icmp return-icmp6 return-rst round-robin route route-to rtable rule ruleset-optimization scrub set
  set-tos skip sloppy source-hash source-track state state-defaults state-policy static-port sticky-address synproxy
  table tag tagged tbrsize timeout to tos ttl upperlimit urpf-failed user ->
`;
const oldStatements = `
  string include set pass block anchor load queue antispoof table no scrub nat rdr binat nat-anchor rdr-anchor
  binat-anchor altq
`;
const oldOptions = `
  user group flags icmp-type icmp6-type tos no keep modulate synproxy fragment allow-opts label queue tag ! tagged
  probability rtable
`;
const oldSettings = `
  optimization ruleset-optimization timeout limit loginterface hostid block-policy fingerprints state-policy debug skip
  state-defaults require-order
`;
const oldStateItems = `
  max max-src-states max-src-conn max-src-nodes max-src-conn-rate no-sync sloppy if-bound floating source-track
  overload string
`;
const oldPools = "bitmask random source-hash round-robin static-port sticky-address";

const openbsd46: Release = {
  ...today,
  name: "openbsd@4.6",
  era: "rdr-anchor",
  keywords: wordSet(oldKeywords),
  statements: wordSet(oldStatements, "match"),
  options: wordSet(oldOptions, "match"),
  settings: wordSet(oldSettings),
  stateItems: wordSet(oldStateItems),
  poolOptions: wordSet(oldPools),
  limits: wordSet("states src-nodes frags tables table-entries"),
  debugLevels: wordSet("none urgent misc loud"),
  order: ["options", "normalization", "queueing", "translation", "filtering"],
  lookahead: false,
  addsNewline: false,
  routeFirst: true,
  altq: true,
  anyInterface: false,
  poolsByRule: false,
};

const freebsd12: Release = {
  ...openbsd46,
  name: "freebsd@12",
  system: "FreeBSD",
  keywords: wordSet(oldKeywords, "buckets codelq fairq hogs interval prio target"),
  statements: wordSet(oldStatements),
  options: wordSet(oldOptions, "prio divert-to divert-reply set"),
  settings: wordSet(oldSettings, "fail-policy"),
  limits: wordSet("states src-nodes frags table-entries"),
  knowsInterfaceSpeed: false,
  divertSockets: true,
  lastPartOfAnchors: true,
};

const freebsd14: Release = {
  ...freebsd12,
  name: "freebsd@14",
  keywords: withWords(
    freebsd12.keywords,
    "bridge-to dnpipe dnqueue ether keepcounters l3 map-e-portset match ridentifier syncookies",
  ),
  statements: wordSet(oldStatements, "match ether"),
  options: withWords(freebsd12.options, "dnpipe dnqueue ridentifier"),
  settings: withWords(freebsd12.settings, "keepcounters syncookies"),
  poolOptions: wordSet(oldPools, "map-e-portset"),
  sctpTimeouts: true,
  knowsInterfaceSpeed: true,
  order: ["options", "ethernet", "normalization", "queueing", "translation", "filtering"],
  labels: 5,
};

const freebsd15: Release = {
  ...freebsd14,
  name: "freebsd@15",
  keywords: withWords(
    freebsd14.keywords,
    "af-to allow-related binat-to endpoint-independent matches max-pkt-rate max-pkt-size nat-to once pflow",
    "prefer-ipv6-nexthop rdr-to received-on",
  ),
  options: withWords(
    freebsd14.options,
    "af-to binat-to max-pkt-rate max-pkt-size nat-to once rdr-to received-on scrub route-to reply-to dup-to",
  ),
  settings: withWords(freebsd14.settings, "reassemble"),
  stateItems: wordSet(oldStateItems, "allow-related pflow"),
  poolOptions: wordSet(oldPools, "map-e-portset endpoint-independent prefer-ipv6-nexthop"),
  limits: withWords(freebsd14.limits, "anchors eth-anchors"),
  addsNewline: true,
  ported: "tcp/udp/sctp",
  lastPartOfAnchors: false,
  dynamicMasks: false,
  scrubParentheses: true,
  anyInterface: true,
  poolsByRule: true,
};

/** pf.conf of macOS: PF of OpenBSD 4.3 with anchors for scrub rules and dummynet. */
const macos: Release = {
  ...openbsd46,
  name: "macos",
  system: "macOS",
  keywords: wordSet(oldKeywords, "scrub-anchor dummynet-anchor"),
  statements: wordSet(oldStatements, "scrub-anchor dummynet-anchor"),
};

export const RELEASES = [today, openbsd54, openbsd49, openbsd46, freebsd15, freebsd14, freebsd12, macos] as const;

/** `openbsd@7.8` is "OpenBSD 7.8". */
export const releaseInWords = (name: string): string =>
  name.replace("openbsd@", "OpenBSD ").replace("freebsd@", "FreeBSD ").replace("macos", "macOS");

/** Names that {@link releaseNamed} knows, the newest of each system first. */
export const releaseNames: readonly string[] = RELEASES.map(({ name }) => name);

/** `openbsd@4.6`, `freebsd@13`: the release of that system that is not newer, else the oldest; undefined if unknown. */
export function releaseNamed(text: string): Release | undefined {
  const [system = "", version] = text.toLowerCase().split("@");
  const known = RELEASES.filter(({ name }) => name.split("@")[0] === system);
  if (version === undefined || known.length === 1) return known[0];
  if (!/^\d+(\.\d+)?/.test(version)) return undefined;
  const number = (one: string): number => Number.parseFloat(one.split("@")[1] ?? "0");
  const wanted = Number.parseFloat(version);
  if (system === "freebsd" && wanted === 13) return freebsd14;
  // The languages of OpenBSD changed in 4.7, 5.0 and 5.5.
  if (system === "openbsd") return wanted < 4.7 ? openbsd46 : wanted < 5 ? openbsd49 : wanted < 5.5 ? openbsd54 : today;
  return known.find(({ name }) => number(name) <= wanted) ?? known.at(-1);
}

/** The release that a text of this era is read as, where none is named. */
export function defaultRelease(era: Era): Release {
  return era === "divert-to" ? today : era === "rdr-to" ? openbsd49 : freebsd15;
}

/** The record of the release that is asked for, else of the era; of OpenBSD 7.8 where neither is. */
export const releaseOf = ({ era, release }: { readonly era?: Era; readonly release?: string }): Release =>
  (release === undefined ? undefined : releaseNamed(release)) ?? defaultRelease(era ?? "divert-to");
