/** Who broke a data connection: it did not open, was cut, or did not carry every byte. */

import { isTcp } from "../../pf/packet.ts";
import { escapeLine } from "../observation/timeline.ts";
import { isNegative, isPositive, reached } from "./dialogue.ts";
import { type Blame, type Cause, dropOf, droppedBy, isOn, reversed } from "./drops.ts";
import type { WireErrand } from "./errands.ts";
import type { DataConnection, Facts } from "./facts.ts";
import { isLocal, ledElsewhere, misleading, unread } from "./named-address.ts";
import { at, isWhole, type Negotiation, opened } from "./negotiations.ts";
import { noticeOf } from "./notice.ts";

export function dataBlame(facts: Facts, errand: WireErrand): Blame | undefined {
  const { data, negotiations, exchange } = errand;
  const broken =
    data.find((one) => !isWhole(one)) ?? (exchange.final?.code === BROKEN_OFF ? data.find(wasReset) : undefined);
  if (broken === undefined) return data.length === 0 ? unreachable(facts, errand) : undefined;
  if (data.some((one) => one !== broken && isWhole(one))) return undefined;
  const negotiation = negotiations.find((one) => one.data.includes(broken));
  const cause = opened(broken) ? cut(facts, broken) : unopened(facts, errand, broken, negotiation);
  return { ...cause, notice: notice(facts, errand, broken) };
}

/** RFC 959 §4.2: 426 Connection closed; transfer aborted. */
const BROKEN_OFF = 426;
const wasReset = ({ near }: DataConnection): boolean => near.ends.some(({ how }) => how === "reset");

function notice(facts: Facts, { exchange: { final }, session }: WireErrand, broken: DataConnection): string {
  if (isNegative(final) && reached(final)) return escapeLine(final.text.trim());
  if (broken.opener === "client" && broken.near.state === "refused") return "connection refused";
  return opened(broken) ? incomplete(broken) : noticeOf(facts, session.session, broken.near.openedMs);
}

/** No SYN came to the firewall, because a PORT or a 227 named an address that its reader has no way to. */
function unreachable(facts: Facts, errand: WireErrand): Blame | undefined {
  const { negotiations, exchange, session } = errand;
  const last = negotiations.at(-1);
  if (last?.ready !== true || !(isPositive(last.exchange.final) || exchange.marks.length > 0)) return undefined;
  const cause = misleading(facts, errand, last, (address) => last.dialled === true || isLocal(address));
  if (cause === undefined) return undefined;
  const { final, command } = exchange;
  const refused = isNegative(final) && reached(final) ? escapeLine(final.text.trim()) : undefined;
  const sinceMs = (final ?? exchange.marks.at(-1))?.message.gotMs ?? command?.sentMs ?? 0;
  const reason = `${cause.reason}; no SYN to it came to the firewall`;
  return { ...cause, reason, notice: refused ?? noticeOf(facts, session.session, sinceMs) };
}

/** @example "data incomplete: 1000 of 46890 bytes" */
function incomplete({ near, far }: DataConnection): string {
  const [sent, got] =
    near.toTarget > near.toOpener ? [near.toTarget, far?.toTarget ?? 0] : [far?.toOpener ?? 0, near.toOpener];
  return `data incomplete: ${got} of ${sent} bytes`;
}

function unopened(facts: Facts, errand: WireErrand, one: DataConnection, negotiation: Negotiation | undefined): Cause {
  const { near, far, opener } = one;
  const what = `the ${opener}'s data connection to ${at(near.target)}`;
  const where = "data connection";
  const misled =
    negotiation?.named?.address === near.target.address && !errand.session.session.proxied
      ? misleading(facts, errand, negotiation)
      : undefined;
  const drop = dropOf(
    facts,
    ({ packet, isSyn, atMs }) =>
      isSyn && atMs >= near.openedMs && (isOn(packet, near, far) || (isTcp(packet) && packet.seq === near.isn)),
  );
  if (misled !== undefined) {
    const also = drop === undefined ? "" : `; ${droppedBy(drop, "the SYN").reason}`;
    return { ...misled, ...(drop?.rule && { rule: drop.rule }), reason: `${misled.reason}${also}` };
  }
  if (drop !== undefined) {
    const { reason, ...rest } = droppedBy(drop, what);
    return { ...rest, where, reason: `${reason}${unread(facts, errand, negotiation)}` };
  }
  const target = opener === "client" ? "server" : "client";
  const refusedBy = far?.refusedBy ?? near.refusedBy;
  if (refusedBy !== undefined) {
    const by = refusedBy === facts.own[target] ? target : "firewall";
    return { by, where, reason: `${by === target ? `the ${target}` : refusedBy} refused ${what} by ICMP` };
  }
  if (far === undefined) {
    if (near.state === "refused")
      return { by: "firewall", where, reason: `the firewall itself refused ${what}: nothing listens there` };
    return { by: "firewall", where, reason: `${what} went into the firewall and came out nowhere` };
  }
  const back = dropOf(
    facts,
    ({ packet, atMs }) => atMs >= near.openedMs && isOn(packet, reversed(near), reversed(far)),
  );
  if (back !== undefined) return { ...droppedBy(back, `the answer to ${what}`), where };
  const led = ledElsewhere(negotiation, far);
  if (led !== undefined)
    return { ...led, reason: `${led.reason}, which ${far.state === "refused" ? "refused it" : "did not answer"}` };
  if (far.target.address !== facts.own[target]) {
    return { by: "translation", where, reason: `${what} leads to ${at(far.target)}, which is not the ${target}` };
  }
  const did = far.state === "refused" ? "refused" : "did not answer";
  return { by: target, where, reason: `the ${target} ${did} ${what} at its port ${far.target.port}` };
}

/** It opened, and was cut, or lost bytes. */
function cut(facts: Facts, one: DataConnection): Cause {
  const { near, far, opener } = one;
  const what = `the data connection to ${at(near.target)}`;
  const where = "data connection";
  const wires = far === undefined ? [near, reversed(near)] : [near, far, reversed(near), reversed(far)];
  const drop = dropOf(facts, ({ packet, atMs }) => atMs >= near.openedMs && isOn(packet, ...wires));
  if (drop !== undefined) return { ...droppedBy(drop, `a packet of ${what}`), where };
  const first = [...near.ends, ...(far?.ends ?? [])].sort((a, b) => a.atMs - b.atMs)[0];
  if (first !== undefined && first.atMs < facts.doneMs) {
    const did = first.how === "reset" ? "reset" : "ended";
    return {
      ...(first.by === "intruder" ? {} : { by: first.by }),
      where,
      reason: `the ${first.by} ${did} ${what} early`,
    };
  }
  const target = opener === "client" ? "server" : "client";
  return { by: near.toTarget > near.toOpener ? opener : target, where, reason: `${what} stalled` };
}
