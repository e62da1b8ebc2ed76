/**
 * Whether the parts of one expanded rule fit together. Every misfit is reported; any makes the rule void
 * (wordings of pfctl, parse.y 1.718: rule_consistent).
 */

import { PROTOCOL } from "../../packet.ts";
import type { Context } from "../context.ts";
import type { Release } from "../releases.ts";
import type { Draft } from "./draft.ts";

type Check = readonly [holds: (draft: Draft) => unknown, text: string | ((draft: Draft) => string)];

const tcpOrUdp = ({ protocol }: Draft): boolean => protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp;
/** Whether the release knows ports of the protocol. */
export const hasPorts = (protocol: number | undefined, { ported }: Release): boolean =>
  protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || (ported === "tcp/udp/sctp" && protocol === 132);

const hasPort = ({ source, destination }: Draft): boolean =>
  source.port !== undefined || destination.port !== undefined;
/** nat-to or rdr-to with an address. */
const translates = ({ nat, rdr }: Draft): boolean => nat !== undefined || rdr !== undefined;
const inet4or6 = ({ protocol }: Draft): string => (protocol === PROTOCOL.icmp ? "icmp" : "icmp6");

const byProtocol: readonly Check[] = [
  [(r) => r.protocol !== PROTOCOL.tcp && r.os !== undefined, "os only applies to tcp"],
  [(r) => !tcpOrUdp(r) && hasPort(r), "port only applies to tcp/udp"],
  [(r) => !tcpOrUdp(r) && r.user !== undefined, "user only applies to tcp/udp"],
  [(r) => !tcpOrUdp(r) && r.group !== undefined, "group only applies to tcp/udp"],
];
const ofIcmp: readonly Check[] = [
  [
    (r) => r.protocol !== PROTOCOL.icmp && r.protocol !== PROTOCOL.icmp6 && r.icmp,
    "icmp-type/code only applies to icmp",
  ],
  [(r) => r.family === undefined && r.icmp, "must indicate address family with icmp-type/code"],
];
const ofAfTo: Check = [
  (r) => r.afTo && r.family === r.targetFamily,
  "must indicate different address family with af-to",
];
const ofOverloadAndFamily: readonly Check[] = [
  [
    (r) => r.stateOptions?.overload && !r.stateOptions.maxSrcConn && !r.stateOptions.maxSrcConnRate,
    "'overload' requires 'max-src-conn' or 'max-src-conn-rate'",
  ],
  [
    (r) =>
      (r.protocol === PROTOCOL.icmp && r.family === "inet6") || (r.protocol === PROTOCOL.icmp6 && r.family === "inet"),
    (r) => `proto ${inet4or6(r)} doesn't match address family ${r.family}`,
  ],
];
const ofAllowOpts: Check = [
  (r) => r.allowOpts && r.action !== "pass",
  "allow-opts can only be specified for pass rules",
];
const ofFragmentsAndAnswers: readonly Check[] = [
  [(r) => r.fragment && (hasPort(r) || r.flags?.mask || r.icmp), "fragments can be filtered only on IP header fields"],
  [
    (r) => r.answer?.kind === "return-rst" && r.protocol !== PROTOCOL.tcp,
    "return-rst can only be applied to TCP rules",
  ],
  [
    (r) => r.stateOptions?.maxSrcNodes && r.stateOptions.sourceTrack !== "rule",
    "max-src-nodes requires 'source-track rule'",
  ],
];
const ofState: Check = [
  (r) => r.action !== "pass" && r.state !== "none",
  "keep state is great, but only for pass rules",
];
const ofRoute: Check = [(r) => r.route && r.state === "none", "route-to, reply-to and dup-to require keep state"];
const ofSloppyState: Check = [
  (r) => r.stateOptions?.sloppy && (r.state === "modulate" || r.state === "synproxy"),
  "sloppy state matching cannot be used with synproxy state or modulate state",
];

/** In the order in which pfctl reports them. */
const before: readonly Check[] = [
  ...byProtocol,
  ...ofIcmp,
  ofAfTo,
  ...ofOverloadAndFamily,
  ofAllowOpts,
  ...ofFragmentsAndAnswers,
  ofState,
  ofRoute,
  ofSloppyState,
];

const after: readonly Check[] = [
  [(r) => translates(r) && r.action !== "match" && r.state === "none", "nat-to and rdr-to require keep state"],
  [(r) => translates(r) && r.direction === undefined, "nat-to and rdr-to require a direction"],
  [
    (r) => r.scrubRule === undefined && r.family === "inet6" && (r.scrub?.noDf || r.scrub?.randomId),
    "address family inet6 does not support scrub options no-df, random-id",
  ],
  [(r) => r.action === "match" && r.divert, "divert is not supported on match rules"],
  [(r) => r.action === "match" && r.route, "route-to, reply-to and dup-to are not supported on match rules"],
  [(r) => r.action === "match" && r.afTo, "af-to is not supported on match rules"],
  [(r) => r.action === "block" && r.route, "route-to, reply-to and dup-to are not supported on block rules"],
];

/** Checks of FreeBSD and of OpenBSD before 4.7. `match` has none before FreeBSD 15. */
function oldChecks(release: Release): readonly Check[] {
  const { ported, poolsByRule: today } = release;
  return [
    [(r) => !hasPorts(r.protocol, release) && hasPort(r), `port only applies to ${ported}`],
    ...ofIcmp,
    ...(today ? [ofAfTo] : []),
    ...ofOverloadAndFamily,
    [
      (r) => r.allowOpts && (r.action === "block" || (r.action === "match" && !today)),
      `allow-opts can only be specified for pass ${today ? "or match " : ""}rules`,
    ],
    ...ofFragmentsAndAnswers,
    [
      (r) => r.action === "block" && r.state !== "none",
      today ? "keep state is great, but only for pass rules" : "keep state on block rules doesn't make sense",
    ],
    ...(today ? [matchState] : []),
    ofSloppyState,
  ];
}

const matchState: Check = [
  (r) => r.action === "match" && r.state !== "none",
  "keep state is great, but only for pass rules",
];

const checksOf = new Map<Release, readonly [readonly Check[], readonly Check[]]>();

/** The checks of a release, before and after the warning about synproxy. */
function checks(release: Release): readonly [readonly Check[], readonly Check[]] {
  const known = checksOf.get(release);
  if (known !== undefined) return known;
  const made: readonly [readonly Check[], readonly Check[]] = release.routeFirst
    ? [oldChecks(release), release.poolsByRule ? after : []]
    : [before, after];
  checksOf.set(release, made);
  return made;
}

/** False, with all misfits reported, if the rule makes no sense. */
export function consistent({ reader, release }: Context, draft: Draft): boolean {
  const { poolsByRule: today, routeFirst } = release;
  if (routeFirst && !today && draft.action === "match") return true;
  let fits = true;
  const run = (list: readonly Check[]): void => {
    for (const [holds, text] of list) {
      if (!holds(draft)) continue;
      reader.error(typeof text === "string" ? text : text(draft));
      fits = false;
    }
  };
  const [first, last] = checks(release);
  run(first);
  if (today && draft.state === "synproxy" && draft.direction !== "in") {
    reader.warn("synproxy used for inbound rules only, ignored for outbound");
  }
  run(last);
  return fits;
}
