/**
 * Who broke an errand, at which place and line, and what the user saw. Evidence in this order: the control connection
 * that did not open, the data connection that failed, the reply that refused, the party that hung up, the line that
 * got no answer.
 *
 * @example
 * blameFor(facts, errand) // { by: "proxy", where: "the 227", notice: "connection closed", reason: "the proxy hung up …" }
 */

import { escapeLine } from "../observation/timeline.ts";
import { dataBlame } from "./data-blame.ts";
import { commandOf, type Exchange, isNegative, isPositive, type Message, reached } from "./dialogue.ts";
import { type Blame, type Cause, dropOf, droppedBy, isOn, reversed } from "./drops.ts";
import type { WireErrand } from "./errands.ts";
import { type Facts, firstEnd, isOpen, type Session, type Wire } from "./facts.ts";
import { opened } from "./negotiations.ts";
import { noticeOf } from "./notice.ts";

export function blameFor(facts: Facts, errand: WireErrand): Blame | undefined {
  return (
    unopened(facts, errand) ??
    dataBlame(facts, errand) ??
    refusal(facts, errand) ??
    noPort(errand) ??
    hangUp(facts, errand) ??
    silence(facts, errand)
  );
}

/** The client's control connection, or the proxy's to the server, did not open. */
function unopened(facts: Facts, { session: { session } }: WireErrand): Blame | undefined {
  const { client, server, proxied } = session;
  if (!proxied) return isOpen(client) ? undefined : control(facts, session, "the client", client, server);
  if (!isOpen(client)) return control(facts, session, "the client", client, undefined);
  if (server !== undefined && (!isOpen(server) || answerDrop(facts, server))) {
    return control(facts, session, "the proxy", server, server);
  }
  if (server !== undefined) return undefined;
  const dropped = dropOf(facts, ({ packet, isSyn }) => isSyn && packet.destination === facts.own.server);
  const notice = noticeOf(facts, session, client.openedMs);
  const where = "control connection";
  if (dropped !== undefined) return { ...droppedBy(dropped, "the proxy's connection to the server"), where, notice };
  // A limit of a rule (max-src-conn-rate) counts a connection when its handshake ends, and drops that packet.
  const cut = dropOf(facts, ({ packet }) => isOn(packet, client));
  if (cut !== undefined) return { ...droppedBy(cut, "the client's connection to the proxy"), where, notice };
  return { by: "proxy", where, notice, reason: `the proxy did not connect to the server${logged(facts, session)}` };
}

/** The firewall dropped the SYN+ACK; on the wire before it, the connection looks open. */
const answerDrop = (facts: Facts, wire: Wire) =>
  wire.toTarget === 0 && wire.toOpener === 0 ? dropOf(facts, ({ packet }) => isOn(packet, reversed(wire))) : undefined;

/** `wire`: on the opener's network; `beyond`: on the server's. */
function control(facts: Facts, session: Session, opener: string, wire: Wire, beyond: Wire | undefined): Blame {
  const where = "control connection";
  const hangs = noticeOf(facts, session, session.client.openedMs);
  const notice = session.client.state === "refused" ? "connection refused" : hangs;
  const { target } = beyond ?? wire;
  const at = `${target.address} port ${target.port}`;
  const drop = dropOf(facts, ({ packet, isSyn }) => isSyn && isOn(packet, wire, beyond));
  if (drop !== undefined) return { ...droppedBy(drop, `${opener}'s connection to ${at}`), where, notice };
  const back = beyond && answerDrop(facts, beyond);
  if (back) return { ...droppedBy(back, `the answer to ${opener}'s connection to ${at}`), where, notice };
  if (wire.refusedBy !== undefined && wire.refusedBy !== facts.own.server) {
    return {
      by: "firewall",
      where,
      notice,
      reason: `${wire.refusedBy} refused ${opener}'s connection to ${at} by ICMP`,
    };
  }
  if (beyond === undefined) {
    const by = wire.state === "refused" && session.proxied ? "proxy" : "firewall";
    const reason =
      wire.state === "refused"
        ? `nothing listens at ${at} on the firewall, which refused ${opener}'s connection`
        : `${opener}'s SYN to ${at} went into the firewall and came out nowhere`;
    return { by, where, notice, reason };
  }
  const did = wire.state === "refused" ? "refused" : "did not answer";
  return { by: "server", where, notice, reason: `the server ${did} ${opener}'s connection to ${at}` };
}

/** A 4xx or 5xx answered the errand's own command, or its last negotiation before. */
function refusal({ own }: Facts, { exchange, negotiations, session }: WireErrand): Blame | undefined {
  // A server that goes on with the transfer had not meant its refusal of the port.
  const last = exchange.marks.length > 0 ? [] : negotiations.slice(-1).map((one) => one.exchange);
  const refused = [...last, exchange].find((one) => isNegative(one.final) && reached(one.final));
  if (refused?.final === undefined) return undefined;
  const { final, command } = refused;
  const text = escapeLine(final.text.trim());
  const where = placeOf(refused);
  const asked = command === undefined ? "the connection" : shortened(command.sent);
  const base = { where, line: text, notice: text };
  if (final.message.from === "proxy")
    return { by: "proxy", ...base, reason: `the proxy itself refused ${asked}: ${shortened(text)}` };
  const seen = session.session.server?.opener.address;
  const named = negotiations.find((one) => one.exchange === refused)?.named?.address;
  if (
    named !== undefined &&
    named === own.client &&
    seen !== undefined &&
    seen !== named &&
    (!UNKNOWN.includes(final.code) || OBJECTS.test(text) || text.includes(named))
  ) {
    return {
      ...{ by: "translation", ...base, line: command?.got ?? asked },
      reason: `the server refused ${asked}, since it has the client at ${seen}: ${shortened(text)}`,
    };
  }
  return { by: "server", ...base, reason: `the server refused ${asked}: ${shortened(text)}` };
}

/** The server does not know the command, or the family: the address is not its reason (RFC 959 §4.2, RFC 2428 §2). */
const UNKNOWN = [500, 502, 504, 522, 530];
/** vsftpd: "500 Illegal PORT command."; proftpd: "500 Illegal PORT command"; wu-ftpd: "500 Illegal PORT Address". pure-ftpd names it. */
const OBJECTS = /illegal|address|bounce/i;

/** The server took the passive command for another one: its reply names no port. */
function noPort({ negotiations }: WireErrand): Blame | undefined {
  const last = negotiations.at(-1);
  if (last?.mode !== "passive" || !last.ready) return undefined;
  const { final, verb } = last.exchange;
  if (final === undefined || [227, 228, 229].includes(final.code)) return undefined;
  const line = final.text.trim();
  return {
    by: "server",
    where: verb,
    line,
    notice: line,
    reason: `the server answered ${verb} with a reply that names no port: ${line}`,
  };
}

/** One party ended the session first, and the errand was not done. */
function hangUp(facts: Facts, errand: WireErrand): Blame | undefined {
  const { session, messages } = errand.session;
  const first = firstEnd(facts, session);
  if (first === undefined || first.by === "client") return undefined;
  const asked = messages.findLast(({ from, sentMs }) => from === "client" && sentMs <= first.atMs);
  if (first.by === "server" && /^QUIT/i.test(asked?.sent ?? "")) return undefined;
  const how = first.how === "reset" ? "reset the control connection" : "hung up";
  const notice = noticeOf(facts, session, first.atMs);
  if (first.by === "server") {
    const said = messages.findLast(({ from, sentMs }) => from === "server" && sentMs <= first.atMs);
    // After its goodbye to a QUIT, it was the client that left.
    if (errand.session.exchanges.some(({ verb, final }) => verb === "QUIT" && final?.message === said))
      return undefined;
    const farewell = said !== undefined && /^421/.test(said.sent) ? `: ${shortened(said.sent)}` : "";
    const where = placeOf(errand.exchange);
    return {
      by: "server",
      where,
      ...lineOf(said),
      notice,
      reason: `the server ${how}${afterLine(errand, said)}${farewell}`,
    };
  }
  const kept = messages.findLast(
    ({ from, got, sentMs }) => from !== "proxy" && got === undefined && sentMs <= first.atMs,
  );
  const log = logged(facts, session);
  if (kept === undefined) return { by: "proxy", notice, ...unfinishedLine(session, how, log) };
  const { where, whose } = placeOfMessage(errand, kept);
  return {
    by: "proxy",
    where,
    ...lineOf(kept),
    notice,
    reason: `the proxy ${how} instead of passing on ${whose}${log}`,
  };
}

/** The proxy hung up on bytes that were no line yet, or on silence. */
function unfinishedLine({ unfinished }: Session, how: string, log: string): Cause {
  const [peer, text] = Object.entries(unfinished).find(([, bytes]) => bytes !== "") ?? [];
  if (text === undefined) return { where: "control connection", reason: `the proxy ${how}${log}` };
  const code = /^\d{3}/.exec(text)?.[0];
  const verb = commandOf(text).verb.slice(0, LONGEST_VERB);
  const where = peer === "client" ? verb : code === undefined ? "control connection" : `the ${code}`;
  const reason = `the proxy ${how} on the ${peer}'s unfinished line ${shortened(text)}${log}`;
  return { where, line: text, reason };
}

const LONGEST_VERB = 10;

/** Encrypted bytes are no line, and differ from run to run. */
const lineOf = (message: Message | undefined) =>
  message === undefined || message.opaque ? {} : { line: message.sent };

const afterLine = ({ exchange: { command, final } }: WireErrand, said: Message | undefined): string =>
  command === undefined
    ? said === undefined
      ? " without a greeting"
      : ""
    : final === undefined
      ? ` without an answer to ${shortened(command.sent)}`
      : ` after ${shortened(final.text)}`;

/** The subject's notice or warning that is nearest to the end of the session: `; its log: #1 bad port in …`. */
function logged(facts: Facts, session: Session): string {
  const endMs = firstEnd(facts, session)?.atMs ?? facts.doneMs;
  const near = facts.log
    .filter(({ level, atMs }) => level <= NOTICE && atMs >= session.client.openedMs)
    .sort((a, b) => Math.abs(a.atMs - endMs) - Math.abs(b.atMs - endMs))[0];
  return near === undefined || near.atMs > endMs + LOG_DELAY_MS
    ? ""
    : `; its log: ${near.text.replace(/\\r\\n'$/, "'")}`;
}

/** syslog(3): LOG_NOTICE, since ftp-proxy(8) gives "server timeout" that level. */
const NOTICE = 5;
/** A log that comes from another process. */
const LOG_DELAY_MS = 1_000;

/** A line that got no answer: it did not arrive, its reply did not, or its reader kept silent. */
function silence(facts: Facts, errand: WireErrand): Blame | undefined {
  const { session, messages } = errand.session;
  const unanswered = waitingExchange(errand);
  if (unanswered === undefined) return undefined;
  const { command } = unanswered;
  const sinceMs = command?.sentMs ?? session.client.openedMs;
  const notice = noticeOf(facts, session, sinceMs);
  const lost = messages.find(({ from, got, sentMs }) => from !== "proxy" && got === undefined && sentMs >= sinceMs);
  if (lost !== undefined) {
    const { where, whose } = placeOfMessage(errand, lost);
    const from = lost.from === "client" ? facts.own.client : facts.own.server;
    const drop = dropOf(facts, ({ packet, atMs }) => packet.source === from && atMs >= lost.sentMs);
    const line = lost.sent;
    if (drop !== undefined) return { ...droppedBy(drop, whose), where, line, notice };
    if (session.proxied) return { by: "proxy", where, line, notice, reason: `the proxy kept ${whose}` };
    return { by: "network", where, line, notice, reason: `${whose} got lost on the way` };
  }
  const where = placeOf(unanswered);
  if (command === undefined) {
    const cut = dropOf(facts, ({ packet }) => isOn(packet, session.client, session.server));
    if (cut !== undefined) return { ...droppedBy(cut, "the client's connection"), where: "control connection", notice };
    return { by: "server", where, notice, reason: "the server did not greet" };
  }
  const line = command.sent;
  const mark = unanswered.marks.at(-1);
  const reason =
    mark === undefined
      ? `the server did not answer ${shortened(line)}`
      : `the server sent no last reply to ${shortened(line)} after ${shortened(mark.text)}`;
  return { by: "server", where, line, notice, reason };
}

function waitingExchange({ exchange, negotiations }: WireErrand): Exchange | undefined {
  return [exchange, ...negotiations.map((one) => one.exchange)].find(({ final }) => !reached(final));
}

/** Every line was answered, and the client went no further. */
export function leftAlone(facts: Facts, errand: WireErrand): Blame {
  const { exchange, session, data, negotiations } = errand;
  const { final } = exchange;
  const first = firstEnd(facts, session.session);
  const where = placeOf(exchange);
  const sinceMs = final?.message.gotMs ?? exchange.command?.sentMs ?? session.session.client.openedMs;
  const notice = noticeOf(facts, session.session, sinceMs);
  const line = final?.text.trim() ?? exchange.command?.sent.trim();
  const base = { by: "client" as const, where, ...(line === undefined ? {} : { line }), notice };
  if (negotiations.at(-1)?.mode === "passive" && !data.some(opened)) {
    return {
      ...base,
      reason: `the client did not dial the data port of ${shortened(line ?? "the reply")}${stop(facts)}`,
    };
  }
  if (first?.by === "client") return { ...base, reason: `the client left after ${shortened(line ?? "the greeting")}` };
  return { ...base, reason: `the client went no further after ${shortened(line ?? "the greeting")}${stop(facts)}` };
}

const stop = ({ stoppedAt }: Facts): string =>
  stoppedAt === undefined ? "" : ` (the script stopped at "${stoppedAt}")`;

/** `PORT`, `the login`, `the greeting`; a negotiation that was granted: `the 227`. */
export function placeOf({ verb, final, command }: Pick<Exchange, "verb" | "final" | "command">): string {
  if (command === undefined) return "the greeting";
  if (verb === "USER" || verb === "PASS") return "the login";
  if (final !== undefined && isPositive(final) && [227, 228, 229].includes(final.code)) return `the ${final.code}`;
  return verb;
}

function placeOfMessage({ session }: WireErrand, message: Message): { readonly where: string; readonly whose: string } {
  if (message.opaque) return { where: "TLS", whose: `the ${message.from}'s encrypted bytes` };
  const exchange = session.exchanges.find(
    ({ command, final, marks }) => command === message || [final, ...marks].some((reply) => reply?.message === message),
  );
  if (message.to === "server") {
    const verb = exchange?.verb ?? "";
    const where = verb === "USER" || verb === "PASS" ? "the login" : verb === "" ? "control connection" : verb;
    return { where, whose: `the client's ${shortened(message.sent)}` };
  }
  if (exchange?.verb === "") return { where: "the greeting", whose: "the server's greeting" };
  const code = /\d{3}/.exec(message.sent.slice(0, 7))?.[0];
  return {
    where: code === undefined ? "control connection" : `the ${code}`,
    whose: `the server's ${shortened(message.sent)}`,
  };
}

const LONGEST = 80;
const shortened = (text: string): string => {
  const shown = escapeLine(text.trim());
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
};
