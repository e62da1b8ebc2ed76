/**
 * Delivers packets to sockets of the firewall where Linux alone would not. `divert-to` is TPROXY: a diverted packet
 * goes to a separate device in the firewall's namespace, and nftables hands it, addresses untouched, to the listener
 * that the PF rule names. The packet's TTL says which listener: no TCP socket sees it.
 *
 * `rdr-to ::1`: Linux drops packets for ::1 from a wire before nftables sees them (ip6_input.c; for 127.0.0.0/8 there
 * is route_localnet). So such a packet comes by the same device under an assumed address, and nftables replaces that
 * by ::1. The socket's answer leaves from ::1, and PF's state translates it.
 */

import { familyOf } from "../../net/wire/address.ts";
import type { Family } from "../../pf/packet.ts";
import type { Rule } from "../../pf/rule.ts";
import { DIVERT_DEVICE } from "./layout.ts";

export interface DivertTarget {
  readonly address: string;
  readonly port: number;
}

const FIRST_TTL = 255;
/** Source: RFC 6666, the discard prefix: no host's address. */
export const ASSUMED_LOOPBACK = "100::1";
export const LOOPBACK6 = "::1";
/** The packets' routing table is `local` for everything. */
export const DIVERT_MARK = 1;
export const DIVERT_TABLE = 100;

/** Every listener that a rule set diverts to, each once. */
export function divertTargets(rules: readonly Rule[]): DivertTarget[] {
  const found = new Map<string, DivertTarget>();
  const visit = (rule: Rule) => {
    if (rule.kind === "anchor") rule.rules?.forEach(visit);
    if (rule.kind !== "filter" || rule.divert?.kind !== "divert-to") return;
    const { address, port } = rule.divert;
    found.set(`${address} ${port}`, { address, port });
  };
  rules.forEach(visit);
  return [...found.values()];
}

/** The TTL that says which target is meant. A connection that exists needs none: any will do. */
export function divertTtl(targets: readonly DivertTarget[], target: DivertTarget | "reply"): number {
  if (target === "reply") return FIRST_TTL;
  const place = targets.findIndex(({ address, port }) => address === target.address && port === target.port);
  return FIRST_TTL - Math.max(0, place);
}

/** nft(8) text that replaces the firewall namespace's rules. */
export function divertRules(targets: readonly DivertTarget[]): string {
  const lines = targets.map((target, place) => {
    const family: Family = familyOf(target.address);
    const ttl = family === "inet" ? "ip ttl" : "ip6 hoplimit";
    const to = family === "inet" ? `ip to ${target.address}` : `ip6 to [${target.address}]`;
    return `    ${ttl} ${FIRST_TTL - place} meta l4proto tcp tproxy ${to}:${target.port} meta mark set ${DIVERT_MARK} accept`;
  });
  return [
    "flush ruleset",
    "table inet divert {",
    "  chain prerouting {",
    "    type filter hook prerouting priority mangle; policy accept;",
    `    iifname != "${DIVERT_DEVICE}" accept`,
    `    ip6 daddr ${ASSUMED_LOOPBACK} ip6 daddr set ${LOOPBACK6} accept`,
    ...lines,
    // Without a listener: the answer of a kernel that has no socket for the packet.
    "    meta l4proto tcp reject with tcp reset",
    "  }",
    "}",
    "",
  ].join("\n");
}
