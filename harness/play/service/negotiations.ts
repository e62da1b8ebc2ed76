/**
 * The negotiations of a session: a command or reply that names a data port, and the data connections that came of it.
 *
 * @example
 * const [negotiation] = negotiationsOf(exchanges); // { verb: "PASV", mode: "passive", ready: true, named: { … } }
 * attach(negotiations, facts.data);
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { Mode } from "../../contract/scenario.ts";
import { formatWords, parseInet6 } from "../../pf/inet.ts";
import { parseLongHostPort } from "../../players/script/addresses.ts";
import { type Exchange, isPositive, reached } from "./dialogue.ts";
import type { DataConnection, Facts } from "./facts.ts";

export interface Negotiation {
  readonly exchange: Exchange;
  readonly mode: Mode;
  /** Both peers know the port: the reply has come, the command has arrived. */
  readonly ready: boolean;
  /** As the one who dials reads it; the address is absent in a 229. */
  readonly named?: { readonly address?: string; readonly port: number };
  readonly data: DataConnection[];
  /** A peer dialled for it, though no SYN came to the firewall. */
  dialled?: true;
}

const ACTIVE = /^(PORT|EPRT|LPRT)$/;
const PASSIVE = /^(PASV|EPSV|LPSV|SPSV|CPSV)$/;

/** The exchange as a negotiation. A verb that nobody knows is one if its reply names a port. */
export function negotiationOf(exchange: Exchange): Negotiation | undefined {
  const { verb, argument, command, final } = exchange;
  if (ACTIVE.test(verb)) {
    const named = addressIn(command?.got ?? "");
    return { exchange, mode: "active", ready: command?.gotMs !== undefined, ...(named && { named }), data: [] };
  }
  const announces = final !== undefined && [227, 228, 229].includes(final.code);
  if (!announces && (!PASSIVE.test(verb) || /^ALL$/i.test(argument))) return undefined;
  if (verb === "") return undefined;
  const named = announces && reached(final) ? addressIn(final.text) : undefined;
  return { exchange, mode: "passive", ready: isPositive(final) && reached(final), ...(named && { named }), data: [] };
}

/** The address in a PORT, EPRT, LPRT, 227, 228 or 229, read as leniently as some peer might. */
export function addressIn(text: string): { readonly address?: string; readonly port: number } | undefined {
  if (/^(LPRT|228)/i.test(text)) return parseLongHostPort(text);
  const numbers = /(\d+),\s*(\d+),\s*(\d+),\s*(\d+),\s*(\d+),\s*(\d+)/.exec(text.slice(4));
  if (numbers !== null) {
    const [h1, h2, h3, h4, p1 = 0, p2 = 0] = numbers.slice(1).map(Number);
    return { address: [h1, h2, h3, h4].join("."), port: (p1 * 256 + p2) & 0xffff };
  }
  const extended = /([|!,#])[12]?\1([^|!#\s]*?)\1(\d+)\1/.exec(text);
  if (extended === null) return undefined;
  const [, , address = "", port] = extended;
  return { ...(address === "" ? {} : { address: canonical(address) }), port: Number(port) };
}

/** One address may be written in several ways; what is none stays as it is. */
function canonical(text: string): string {
  const words = parseInet6(text);
  return words === undefined ? text : formatWords(words);
}

/** A server may ask who its client is (RFC 1413). */
const IDENT_PORT = 113;

/**
 * Gives each data connection to the negotiation that named its port, or else to the latest of its direction; returns
 * those without one. A later negotiation of the same session ends the time of the one before: what is dialled
 * afterwards is nobody's errand, unless it opens.
 */
export function attach(
  sessions: readonly (readonly Negotiation[])[],
  { data, vainDials }: Pick<Facts, "data" | "vainDials">,
): DataConnection[] {
  const all = sessions.flat().sort((a, b) => startOf(a) - startOf(b));
  const isOver = (one: Negotiation, atMs: number) =>
    sessions
      .find((negotiations) => negotiations.includes(one))
      ?.some((other) => startOf(other) > startOf(one) && startOf(other) <= atMs) === true;
  for (const { by, atMs } of vainDials) {
    const own = all.findLast((one) => one.mode === (by === "client" ? "passive" : "active") && startOf(one) <= atMs);
    if (own !== undefined && !isOver(own, atMs)) own.dialled = true;
  }
  return data.filter((one) => {
    const { opener, near } = one;
    if (near.target.port === IDENT_PORT) return false;
    const before = all.filter(
      (negotiation) =>
        (negotiation.mode === "passive") === (opener === "client") && startOf(negotiation) <= near.openedMs,
    );
    const own = before.findLast(({ named }) => named?.port === near.target.port) ?? before.at(-1);
    if (own === undefined) return true;
    if (!isOver(own, near.openedMs) || opened(one)) own.data.push(one);
    return false;
  });
}

const startOf = ({ exchange }: Negotiation): number => exchange.command?.sentMs ?? 0;

/** `10.0.0.5 port 40000`. */
export const at = ({ address, port }: Endpoint): string => `${address} port ${port}`;

/** The other network saw its SYN answered, and so did the opener's. */
export const opened = ({ near }: DataConnection): boolean => near.state !== "opening" && near.state !== "refused";

/** It opened, and every byte that entered the firewall has left it. */
export const isWhole = (one: DataConnection): boolean => opened(one) && one.intact;
