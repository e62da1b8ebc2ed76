/**
 * The errands of a play, read off the wires: log in, list, fetch, store. A transfer is done when its data connection
 * opened, every byte that entered the firewall left it, and a 2xx reached the client. In a sealed (TLS) session the
 * wire shows connections and bytes only: a data connection that is whole and ended in order counts.
 *
 * @example
 * errandsOf(facts) // [{ what: "log in", verdict: "done", … }, { what: "fetch", name: "file", verdict: "done", … }]
 */

import type { Errand } from "../../../reports/model.ts";
import { type Exchange, exchangesOf, isNegative, isPositive, type Message, messagesOf, reached } from "./dialogue.ts";
import { type DataConnection, type Facts, firstEnd, isOpen, type Session } from "./facts.ts";
import { attach, isWhole, type Negotiation, negotiationOf, opened } from "./negotiations.ts";

/** An errand with the evidence for its verdict. */
export interface WireErrand {
  readonly what: Errand["what"];
  readonly name?: string;
  readonly verdict: Errand["verdict"];
  readonly session: ReadSession;
  /** The exchange by which it ended, or at which it failed. */
  readonly exchange: Exchange;
  readonly negotiations: readonly Negotiation[];
  readonly data: readonly DataConnection[];
  /** How it was reached after all. */
  readonly detour?: string;
  /** The client ended it by ABOR. */
  readonly aborted?: true;
}

export interface ReadSession {
  readonly session: Session;
  readonly messages: readonly Message[];
  readonly exchanges: readonly Exchange[];
  /** From this time on its lines are sealed. */
  readonly sealedMs?: number;
}

const TRANSFERS: Readonly<Record<string, "list" | "fetch" | "store">> = {
  ...{ LIST: "list", NLST: "list", MLSD: "list", RETR: "fetch", STOR: "store", APPE: "store", STOU: "store" },
};

export function errandsOf(facts: Facts): WireErrand[] {
  const sessions = facts.sessions.map(readSession);
  const parts = sessions.map((session) => ({ session, negotiations: negotiationsIn(session) }));
  const stray = attach(
    parts.map(({ negotiations }) => negotiations),
    facts,
  );
  return parts.flatMap(({ session, negotiations }, at) => {
    const rest = at === parts.length - 1 ? stray : [];
    const transfers = mergeRetries(transfersIn(facts, session, negotiations, rest));
    const login = loginOf(facts, session);
    const talk = transfers.length === 0 ? talkOf(facts, session, login) : undefined;
    return [...(login ? [login] : []), ...transfers, ...(talk ? [talk] : [])];
  });
}

function readSession(session: Session): ReadSession {
  const messages = messagesOf(session);
  const sealedMs = messages.find(({ opaque }) => opaque)?.sentMs;
  return { session, messages, exchanges: exchangesOf(messages), ...(sealedMs === undefined ? {} : { sealedMs }) };
}

const negotiationsIn = ({ exchanges }: ReadSession): Negotiation[] =>
  exchanges.flatMap((exchange) => negotiationOf(exchange) ?? []);

/** USER and PASS, until one of them is granted. No errand of a client that greets and leaves. */
function loginOf(facts: Facts, session: ReadSession): WireErrand | undefined {
  const [greeting, ...commands] = session.exchanges;
  if (greeting === undefined) return undefined;
  const tries = commands.filter(({ verb }) => verb === "USER" || verb === "PASS");
  const errand = (verdict: WireErrand["verdict"], exchange: Exchange, detour?: string): WireErrand => ({
    ...{ what: "log in", verdict, session, exchange, negotiations: [], data: [] },
    ...(detour === undefined ? {} : { detour }),
  });
  const unheard = !session.messages.some(({ to, gotMs }) => to === "client" && gotMs !== undefined);
  if (tries.length === 0) {
    const refused = isNegative(greeting.final);
    const left = firstEnd(facts, session.session)?.by === "client";
    const waited = unheard && (!left || facts.stoppedAt !== undefined || endsEarly(facts, session));
    return commands.length === 0 && (refused || waited) ? errand("failed", greeting) : undefined;
  }
  const granted = tries.find(({ final }) => reached(final) && final.code < 300);
  if (granted !== undefined) {
    const refused = tries.slice(0, tries.indexOf(granted)).find(({ final }) => isNegative(final));
    if (refused === undefined) return errand("done", granted);
    return errand("detour", granted, `${refused.command?.sent} was refused first: ${refused.final?.text}`);
  }
  const last = tries.at(-1);
  // It asked for a name's password, and went no further.
  if (last === undefined || last.final?.code === 331) return undefined;
  return errand("failed", greeting.final === undefined && unheard ? greeting : last);
}

function transfersIn(
  facts: Facts,
  session: ReadSession,
  negotiations: readonly Negotiation[],
  stray: readonly DataConnection[],
): WireErrand[] {
  const errands: WireErrand[] = [];
  let pending: Negotiation[] = [];
  let kept: DataConnection | undefined;
  const byExchange = new Map(negotiations.map((one) => [one.exchange, one]));
  for (const exchange of session.exchanges) {
    const negotiation = byExchange.get(exchange);
    if (negotiation !== undefined) pending.push(negotiation);
    const what = TRANSFERS[exchange.verb];
    if (what === undefined) continue;
    const own = pending.flatMap(({ data }) => data);
    const { sentMs = 0 } = exchange.command ?? {};
    // Without a negotiation: the server dials the default port (RFC 959 §3.3), or the last connection is still open.
    const other = stray.filter(({ opener, near }) => opener === "server" && near.openedMs >= sentMs);
    const again = kept !== undefined && isOpenAt(kept, sentMs) ? [kept] : undefined;
    const data = own.length > 0 ? own : (again ?? (pending.length > 0 ? [] : other));
    errands.push(transferOf(facts, { what, session, exchange, negotiations: pending, data }));
    kept = data.findLast(opened) ?? kept;
    pending = [];
  }
  if (session.sealedMs !== undefined) errands.push(...sealedTransfers(session, session.sealedMs, facts));
  const left = unfinishedOf(facts, session, pending);
  return left === undefined ? errands : [...errands, left];
}

const isOpenAt = ({ near }: DataConnection, atMs: number): boolean =>
  near.ends.every((end) => end.atMs > atMs) && near.openedMs < atMs;

type TransferBase = Omit<WireErrand, "verdict" | "detour" | "name">;

function transferOf(facts: Facts, base: TransferBase): WireErrand {
  const { exchange, data, negotiations } = base;
  const { final, argument } = exchange;
  const name = argument.replace(/^-\S+$/, "");
  const named = { ...base, ...(name === "" ? {} : { name }) };
  if (wasAborted(base)) return { ...named, verdict: "done", aborted: true };
  const arrived = data.find(isWhole);
  const granted = reached(final) && isPositive(final);
  // A script may end with the data, or the client may leave, before the last reply.
  const cutShort = final === undefined && facts.stoppedAt === undefined && !endsEarly(facts, base.session);
  const ended = arrived?.near.ends.some(({ how, atMs }) => how === "finished" && atMs <= facts.doneMs) === true;
  if (arrived === undefined || !(granted || (cutShort && ended))) return { ...named, verdict: "failed" };
  const detour = detourOf(negotiations, data, arrived);
  return detour === undefined ? { ...named, verdict: "done" } : { ...named, verdict: "detour", detour };
}

/** The client itself wanted it to end, and got its way. */
function wasAborted({ session, exchange }: TransferBase): boolean {
  const { exchanges } = session;
  const abort = exchanges.slice(exchanges.indexOf(exchange) + 1).find(({ verb }) => verb === "ABOR");
  if (abort?.command === undefined) return false;
  const { final } = exchange;
  // One 226 may be all that answers both.
  const answer =
    abort.final ?? (final !== undefined && final.message.sentMs >= abort.command.sentMs ? final : undefined);
  return reached(answer) && isPositive(answer);
}

function detourOf(
  negotiations: readonly Negotiation[],
  data: readonly DataConnection[],
  arrived: DataConnection,
): string | undefined {
  const used = negotiations.find((one) => one.data.includes(arrived));
  const refused = negotiations.find((one) => isNegative(one.exchange.final));
  if (refused !== undefined && used !== undefined && used !== refused) {
    const { verb, final } = refused.exchange;
    return `${verb} was refused (${final?.text.trim()}), ${used.exchange.verb} took its place`;
  }
  const first = data[0];
  if (first === undefined || first === arrived || opened(first)) return undefined;
  const vain = negotiations.find((one) => one.data.includes(first));
  const way = vain === used ? "the next one opened" : `${used?.exchange.verb} took the place of ${vain?.exchange.verb}`;
  return `its first data connection did not open, ${way}`;
}

/** A negotiation at the end of a session that came to nothing; the file that it was for is not known. */
function unfinishedOf(facts: Facts, session: ReadSession, pending: readonly Negotiation[]): WireErrand | undefined {
  const last = pending.at(-1);
  if (last === undefined) return undefined;
  const data = pending.flatMap((one) => one.data);
  const base = { what: "transfer", session, exchange: last.exchange, negotiations: pending, data } as const;
  const came = data.find(opened);
  if (came !== undefined) {
    const detour = isWhole(came) ? detourOf(pending, data, came) : undefined;
    if (detour !== undefined) return { ...base, verdict: "detour", detour };
    return { ...base, verdict: isWhole(came) ? "done" : "failed" };
  }
  const { command, final } = last.exchange;
  // The client never meant to use it, as with a PORT before QUIT.
  const unused =
    reached(final) && isPositive(final) && data.length === 0 && !last.dialled && facts.stoppedAt === undefined;
  const gone =
    final === undefined && facts.stoppedAt === undefined && !endsEarly(facts, session) && command?.gotMs !== undefined;
  return unused || gone ? undefined : { ...base, verdict: "failed" };
}

/** A proxy, a server or a failure ended the session, and not the client by its QUIT or FIN. */
const endsEarly = (facts: Facts, { session, exchanges }: ReadSession): boolean => {
  const end = firstEnd(facts, session);
  const quit = exchanges.some(({ verb, final }) => verb === "QUIT" && reached(final));
  return !quit && (!isOpen(session.client) || (end !== undefined && end.by !== "client"));
};

function sealedTransfers(session: ReadSession, sealedMs: number, { data }: Facts): WireErrand[] {
  const [greeting] = session.exchanges;
  const exchange = session.exchanges.at(-1) ?? greeting;
  if (exchange === undefined) return [];
  return data
    .filter(({ near }) => near.openedMs >= sealedMs)
    .map((one) => ({
      ...{ what: "transfer", session, exchange, negotiations: [], data: [one] },
      verdict: isWhole(one) && one.near.state === "closed" ? "done" : "failed",
    }));
}

/** A transfer that failed and was then repeated is one errand, done after a detour. */
function mergeRetries(errands: readonly WireErrand[]): WireErrand[] {
  const merged: WireErrand[] = [];
  for (const errand of errands) {
    const before = merged.at(-1);
    const again = before?.verdict === "failed" && before.what === errand.what && before.name === errand.name;
    if (!again || errand.verdict === "failed") {
      merged.push(errand);
      continue;
    }
    const { final } = before.exchange;
    const detour = `the first attempt failed${final === undefined ? "" : ` (${final.text.trim()})`}, the next one did not`;
    const negotiations = [...before.negotiations, ...errand.negotiations];
    merged.splice(-1, 1, {
      ...errand,
      negotiations,
      data: [...before.data, ...errand.data],
      verdict: "detour",
      detour,
    });
  }
  return merged;
}

const LOGIN_OR_QUIT = /^(USER|PASS|QUIT|)$/;

/** A dialogue without a transfer. Done when QUIT ended it, or nothing did and every command had its reply. */
function talkOf(facts: Facts, session: ReadSession, login: WireErrand | undefined): WireErrand | undefined {
  const { exchanges } = session;
  if (login?.verdict === "failed") return undefined;
  const last = exchanges.findLast(({ final }) => !reached(final)) ?? exchanges.at(-1);
  if (last === undefined) return undefined;
  const silent = !reached(last.final) && (last.verb !== "" || exchanges.length === 1);
  const lost = last.final !== undefined && !reached(last.final);
  const broke = endsEarly(facts, session) || (silent && (lost || facts.stoppedAt !== undefined));
  const spoke = exchanges.some(({ verb }) => !LOGIN_OR_QUIT.test(verb));
  if (!broke && !spoke && login !== undefined) return undefined;
  return { what: "talk", verdict: broke ? "failed" : "done", session, exchange: last, negotiations: [], data: [] };
}
