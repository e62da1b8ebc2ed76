/** Who broke a data connection: it did not open, was cut, or did not carry every byte. */

import { isTcp, type Packet } from "../../pf/packet.ts";
import { isNegative, reached } from "./dialogue.ts";
import { type Blame, dropOf, droppedBy } from "./drops.ts";
import type { WireErrand } from "./errands.ts";
import type { DataConnection, Facts, Wire } from "./facts.ts";
import { addressIn, at, isWhole, type Negotiation, opened } from "./negotiations.ts";
import { noticeOf } from "./notice.ts";

type Cause = Omit<Blame, "notice">;

export function dataBlame(facts: Facts, errand: WireErrand): Blame | undefined {
  const { data, negotiations } = errand;
  const broken = data.find((one) => !isWhole(one));
  if (broken === undefined) return data.length === 0 ? unreachable(facts, errand) : undefined;
  if (data.some(isWhole)) return undefined;
  const negotiation = negotiations.find((one) => one.data.includes(broken));
  const cause = opened(broken) ? cut(facts, broken) : unopened(facts, errand, broken, negotiation);
  return { ...cause, notice: notice(facts, errand, broken) };
}

function notice(facts: Facts, { exchange: { final }, session }: WireErrand, broken: DataConnection): string {
  if (isNegative(final) && reached(final)) return final.text.trim();
  if (broken.opener === "client" && broken.near.state === "refused") return "connection refused";
  return opened(broken) ? incomplete(broken) : noticeOf(facts, session.session, broken.near.openedMs);
}

/** No SYN came to the firewall, because a PORT or a 227 named an address that its reader has no way to. */
function unreachable(facts: Facts, errand: WireErrand): Blame | undefined {
  const { negotiations, exchange, session } = errand;
  const last = negotiations.at(-1);
  if (last?.ready !== true || isNegative(last.exchange.final)) return undefined;
  const cause = misleading(facts, errand, last);
  if (cause === undefined) return undefined;
  const { final, command } = exchange;
  const refused = isNegative(final) && reached(final) ? final.text.trim() : undefined;
  const sinceMs = (final ?? exchange.marks.at(-1))?.message.gotMs ?? command?.sentMs ?? 0;
  return { ...cause, notice: refused ?? noticeOf(facts, session.session, sinceMs) };
}

const incomplete = ({ near, far }: DataConnection): string => {
  const [sent, got] =
    near.toTarget.bytes > near.toOpener.bytes ? [near.toTarget, far?.toTarget] : [far?.toOpener, near.toOpener];
  return `data incomplete: ${got?.bytes ?? 0} of ${sent?.bytes ?? 0} bytes`;
};

function unopened(facts: Facts, errand: WireErrand, one: DataConnection, negotiation: Negotiation | undefined): Cause {
  const { near, far, opener } = one;
  const what = `the ${opener}'s data connection to ${at(near.target)}`;
  const where = "data connection";
  const misled =
    negotiation?.named?.address === near.target.address ? misleading(facts, errand, negotiation) : undefined;
  const drop = dropOf(
    facts,
    ({ packet, isSyn, atMs }) =>
      isSyn && atMs >= near.openedMs && (isOn(packet, near, far) || (isTcp(packet) && packet.seq === one.isn)),
  );
  if (misled !== undefined) {
    const also = drop === undefined ? "" : `; ${droppedBy(drop, "the SYN").reason}`;
    return { ...misled, ...(drop?.rule && { rule: drop.rule }), reason: `${misled.reason}${also}` };
  }
  if (drop !== undefined) {
    const blame = droppedBy(drop, what);
    return { ...blame, where, reason: `${blame.reason}${unrewritten(facts, negotiation)}` };
  }
  const target = opener === "client" ? "server" : "client";
  if (one.refusedBy !== undefined) {
    const by = one.refusedBy === facts.own[target] ? target : "firewall";
    return { by, where, reason: `${one.refusedBy} refused ${what} by ICMP` };
  }
  if (far === undefined) {
    if (near.state === "refused")
      return { by: "firewall", where, reason: `the firewall itself refused ${what}: nothing listens there` };
    return { by: "firewall", where, reason: `${what} went into the firewall and came out nowhere` };
  }
  const back = dropOf(facts, ({ packet, atMs }) => atMs >= near.openedMs && isOn(packet, reverse(near), reverse(far)));
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

/** `; the 229 was not rewritten: nothing was pending: …`. */
function unrewritten(facts: Facts, negotiation: Negotiation | undefined): string {
  const { final, command, verb } = negotiation?.exchange ?? {};
  const message = negotiation?.mode === "active" ? command : final?.message;
  const why = facts.unrewritten.find(({ atMs }) => atMs === message?.sentMs)?.why;
  return why === undefined ? "" : `; the ${message === command ? verb : final?.code} was not rewritten: ${why}`;
}

/** The proxy put its own idea of the peer's address in the place of the one that the peer named. */
function ledElsewhere(negotiation: Negotiation | undefined, far: Wire): Cause | undefined {
  if (negotiation === undefined) return undefined;
  const { command, final, verb } = negotiation.exchange;
  const { sent, where } =
    negotiation.mode === "active"
      ? { sent: command?.sent ?? "", where: verb }
      : { sent: final?.message.sent ?? "", where: `the ${final?.code}` };
  const named = addressIn(sent)?.address;
  if (named === undefined || named === far.target.address) return undefined;
  return {
    by: "proxy",
    where,
    line: sent,
    reason: `${where} names ${named}, but the proxy leads to ${at(far.target)}`,
  };
}

const reverse = (wire: Wire): Wire => ({ ...wire, opener: wire.target, target: wire.opener });

const isOn = (packet: Packet, ...wires: readonly (Wire | undefined)[]): boolean =>
  isTcp(packet) &&
  wires.some(
    (wire) =>
      wire !== undefined &&
      packet.source === wire.opener.address &&
      packet.sourcePort === wire.opener.port &&
      packet.destination === wire.target.address &&
      packet.destinationPort === wire.target.port,
  );

/** A PORT or 227 that names another address than the one at which its reader has its peer: NAT changed one of the two. */
function misleading({ own }: Facts, { session: { session } }: WireErrand, negotiation: Negotiation): Cause | undefined {
  const named = negotiation.named?.address;
  if (named === undefined) return undefined;
  const { command, final, verb } = negotiation.exchange;
  const unchanged = session.proxied ? " (the proxy passed it on as it came)" : "";
  if (negotiation.mode === "active") {
    const seen = session.server?.opener.address;
    if (seen === undefined || seen === named || named !== own.client) return undefined;
    const reason = `${verb} names ${named}, but the server has the client at ${seen}${unchanged}`;
    return { by: "translation", where: verb, line: command?.got ?? verb, reason };
  }
  const dialled = session.client.target.address;
  if (dialled === named || final === undefined) return undefined;
  if (named !== own.server && !isLocal(named)) return undefined;
  const where = `the ${final.code}`;
  const reason = `${where} names ${named}, but the client has the server at ${dialled}${unchanged}`;
  return { by: "translation", where, line: final.text.trim(), reason };
}

/** RFC 1918, RFC 6598, loopback, "this host". */
const isLocal = (address: string): boolean =>
  /^(?:0|10|127|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(address);

/** It opened, and was cut, or lost bytes. */
function cut(facts: Facts, one: DataConnection): Cause {
  const { near, far, opener } = one;
  const what = `the data connection to ${at(near.target)}`;
  const where = "data connection";
  const wires = far === undefined ? [near, reverse(near)] : [near, far, reverse(near), reverse(far)];
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
  return { by: near.toTarget.bytes > near.toOpener.bytes ? opener : target, where, reason: `${what} stalled` };
}
