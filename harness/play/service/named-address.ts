/** The address in a PORT, a 227 or their kin as evidence: whom it leads where, and who wrote it. */

import type { Cause } from "./drops.ts";
import type { WireErrand } from "./errands.ts";
import type { Facts, Wire } from "./facts.ts";
import { addressIn, at, type Negotiation } from "./negotiations.ts";

/** The proxy loads rules only for a negotiation that it rewrites. @example "; the 227 was not rewritten: nothing was pending: …" */
export function unread(
  facts: Facts,
  { session: { session } }: WireErrand,
  negotiation: Negotiation | undefined,
): string {
  if (!session.proxied || negotiation === undefined) return "";
  const { exchange, mode } = negotiation;
  const message = mode === "active" ? exchange.command : exchange.final?.message;
  if (message === undefined || message.sent !== message.got) return "";
  const line = mode === "active" ? exchange.verb : `the ${exchange.final?.code}`;
  const why = facts.unrewritten.find(({ atMs }) => atMs === message.sentMs)?.why;
  return why === undefined ? `; the proxy had passed ${line} on as it came` : `; ${line} was not rewritten: ${why}`;
}

/** The proxy put its own idea of the peer's address in the place of the one that the peer named. */
export function ledElsewhere(negotiation: Negotiation | undefined, far: Wire): Cause | undefined {
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

/** A PORT or 227 that names another address than the one at which its reader has its peer: NAT changed one of the two. */
export function misleading(
  facts: Facts,
  errand: WireErrand,
  negotiation: Negotiation,
  leadsNowhere: (address: string) => boolean = isLocal,
): Cause | undefined {
  const named = negotiation.named?.address;
  if (named === undefined) return undefined;
  const { command, final, verb } = negotiation.exchange;
  const { own } = facts;
  const { session } = errand.session;
  const unchanged = unread(facts, errand, negotiation);
  if (negotiation.mode === "active") {
    const seen = session.server?.opener.address;
    if (seen === undefined || seen === named || !(named === own.client || leadsNowhere(named))) return undefined;
    const reason = `${verb} names ${named}, but the server has the client at ${seen}${unchanged}`;
    return { by: "translation", where: verb, line: command?.got ?? verb, reason };
  }
  const dialled = session.client.target.address;
  if (dialled === named || final === undefined) return undefined;
  if (named !== own.server && !leadsNowhere(named)) return undefined;
  const where = `the ${final.code}`;
  const reason = `${where} names ${named}, but the client has the server at ${dialled}${unchanged}`;
  return { by: "translation", where, line: final.text.trim(), reason };
}

/** RFC 1918, RFC 6598, loopback, "this host". */
export const isLocal = (address: string): boolean =>
  /^(?:0|10|127|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(address);
