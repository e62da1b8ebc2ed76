/** The form of a blame, and the one that needs no further evidence: a packet that the firewall dropped. */

import type { Service } from "../../../reports/model.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../pf/packet.ts";
import type { Drop, Facts, Wire } from "./facts.ts";

/** Who broke an errand, where, and what the user noticed. */
export type Blame = Required<Pick<Service, "reason" | "where" | "notice">> & Pick<Service, "by" | "line" | "rule">;

/** Without the notice, which depends on what came afterwards. */
export type Cause = Omit<Blame, "notice">;

/** The first drop that matters. */
export const dropOf = ({ drops }: Facts, matters: (drop: Drop) => boolean): Drop | undefined => drops.find(matters);

/** @example droppedBy(drop, "the client's data connection").reason // "pf.conf line 17 (block drop log all) dropped …" */
export function droppedBy(
  { rule, reason, why, stuck, isSyn, packet }: Drop,
  what: string,
): Pick<Service, "by" | "rule"> & { reason: string } {
  const isAnswer = isTcp(packet) && (packet.flags & TCP_FLAG.S) !== 0;
  const unknown = isSyn
    ? ""
    : isAnswer
      ? ", for which the firewall had no state"
      : ", whose state the firewall no longer had";
  const stateless = why === undefined ? unknown : `: ${why}`;
  if (stuck) {
    const routed = rule === undefined ? "" : `, where pf.conf line ${rule.line} (${rule.text}) routes it`;
    const by = rule === undefined ? "network" : "firewall";
    return { by, ...(rule && { rule }), reason: `${what} got no further than the firewall: ${why}${routed}` };
  }
  if (rule === undefined) return { by: "firewall", reason: `the firewall dropped ${what}: ${reason}` };
  const place = rule.path.includes("/") ? `rule ${rule.path} of the anchor` : `${rule.path} line ${rule.line}`;
  if (reason !== "match") {
    return { by: "firewall", rule, reason: `the firewall dropped ${what}: ${reason} at ${place} (${rule.text})` };
  }
  return { by: "firewall", rule, reason: `${place} (${rule.text}) dropped ${what}${stateless}` };
}

/** The same wire, for packets the other way. */
export const reversed = (wire: Wire): Wire => ({ ...wire, opener: wire.target, target: wire.opener });

/** The packet goes from the opener of one of the wires to its target. */
export const isOn = (packet: Packet, ...wires: readonly (Wire | undefined)[]): boolean =>
  isTcp(packet) &&
  wires.some(
    (wire) =>
      wire !== undefined &&
      packet.source === wire.opener.address &&
      packet.sourcePort === wire.opener.port &&
      packet.destination === wire.target.address &&
      packet.destinationPort === wire.target.port,
  );
