/**
 * A session's lines as messages, each with its way from author to reader, and as exchanges: a command and its replies.
 * Lenient, as the field is: a reply goes to the first command that may get such a code.
 *
 * @example
 * exchangesOf(messagesOf(session)) // [{ replies: [220 …] }, { command: USER …, replies: [331 …] }, …]
 */

import type { Peer } from "../../contract/lab.ts";
import type { Line, Session } from "./facts.ts";

export interface Message {
  /** `proxy`: its own words, in the place of none. */
  readonly from: Peer | "proxy";
  readonly to: Peer;
  /** As its author sent it. */
  readonly sent: string;
  /** As its reader got it. Absent: it did not arrive. */
  readonly got?: string;
  readonly opaque: boolean;
  /** On its author's network. */
  readonly sentMs: number;
  readonly gotMs?: number;
}

/** In the order in which they were sent. */
export function messagesOf(session: Session): Message[] {
  return [...oneWay(session, "server"), ...oneWay(session, "client")].sort((a, b) => a.sentMs - b.sentMs);
}

const otherPeer = (peer: Peer): Peer => (peer === "client" ? "server" : "client");

function oneWay({ lines, proxied }: Session, to: Peer): Message[] {
  const from = otherPeer(to);
  const came = lines.filter(({ leg, towards }) => towards === to && leg === from);
  const went = lines.filter(({ leg, towards }) => towards === to && leg === to);
  const messages: Message[] = [];
  let next = 0;
  const keep = (line: Line, arrived?: Line) =>
    messages.push({
      ...{ from, to, sent: line.text, opaque: line.opaque, sentMs: line.atMs },
      ...(arrived && { got: arrived.text, gotMs: arrived.atMs }),
    });
  for (const line of went) {
    const original = proxied ? (line.insteadOf ?? line.text) : undefined;
    const at = came.findIndex((one, place) => place >= next && (original === undefined || one.text === original));
    const own = at < 0 || (came[at]?.atMs ?? 0) > line.atMs;
    if (own) {
      const { text, opaque, atMs } = line;
      messages.push({ from: "proxy", to, sent: text, got: text, opaque, sentMs: atMs, gotMs: atMs });
      continue;
    }
    for (const kept of came.slice(next, at)) keep(kept);
    const arrived = came[at];
    if (arrived !== undefined) keep(arrived, line);
    next = at + 1;
  }
  for (const kept of came.slice(next)) keep(kept);
  return messages;
}

export interface Reply {
  readonly code: number;
  /** Its last line, or the first if the last has another code; as the client got it, or else as it was sent. */
  readonly text: string;
  readonly message: Message;
}

export interface Exchange {
  /** Absent: the greeting. */
  readonly command?: Message;
  /** `PORT`; empty for the greeting. */
  readonly verb: string;
  readonly argument: string;
  /** 1xx, in order. */
  readonly marks: Reply[];
  final?: Reply;
}

/** A session's greeting and commands, in order, with their replies. */
export function exchangesOf(messages: readonly Message[]): Exchange[] {
  const exchanges: Exchange[] = [{ verb: "", argument: "", marks: [] }];
  /** The last reply that fits none of the commands that wait. */
  let odd: Reply | undefined;
  for (const item of inOrder(messages)) {
    if ("code" in item) {
      if (!answer(exchanges, item)) odd = item;
      continue;
    }
    const waiting = exchanges.at(-1);
    // A client that goes on after an odd reply took it for the answer.
    if (waiting?.final === undefined && odd !== undefined && odd.message.sentMs >= (waiting?.command?.sentMs ?? 0)) {
      if (waiting !== undefined) waiting.final = odd;
    }
    odd = undefined;
    exchanges.push({ command: item, ...commandOf(item.sent), marks: [] });
  }
  return exchanges;
}

/** Telnet commands (RFC 854) and blanks before the verb. */
const BEFORE_VERB = /^(?:\xff[\xfb-\xfe].|\xff[\xf0-\xfa]|[\xff\xf2\xf4]|\s)+/s;

/** @example commandOf("port 10,0,0,5,156,64") // { verb: "PORT", argument: "10,0,0,5,156,64" } */
export function commandOf(text: string): { readonly verb: string; readonly argument: string } {
  const [, verb = "", argument = ""] = /^(\S*)\s*(.*?)\s*$/s.exec(text.replace(BEFORE_VERB, "")) ?? [];
  return { verb: verb.toUpperCase(), argument };
}

/** Commands as the client sent them, and whole replies in the order in which they came to it. */
function inOrder(messages: readonly Message[]): (Message | Reply)[] {
  const plain = messages.filter(({ opaque }) => !opaque);
  const items = [...plain.filter(({ to }) => to === "server"), ...repliesOf(plain.filter(({ to }) => to === "client"))];
  const timeOf = (item: Message | Reply) =>
    "code" in item ? (item.message.gotMs ?? item.message.sentMs) : item.sentMs;
  return items.sort((a, b) => timeOf(a) - timeOf(b));
}

/** Lines of a `227-` reply count until its `227 ` (RFC 959 §4.2), or else until any last line. */
function repliesOf(lines: readonly Message[]): Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < lines.length; at++) {
    const message = lines[at];
    if (message === undefined) continue;
    const text = message.got ?? message.sent;
    const code = /^[^\d]{0,4}(\d{3})(?!\d)/.exec(text)?.[1];
    if (code === undefined) continue;
    at += /^[^\d]{0,4}\d{3}-/.test(text) ? continuationOf(code, lines.slice(at + 1)) : 0;
    const last = lines[at] ?? message;
    const end = last.got ?? last.sent;
    replies.push({ code: Number(code), text: (end.startsWith(code) ? end : text).trim(), message: last });
  }
  return replies;
}

/** How many lines still belong to a reply that began with `227-`. */
function continuationOf(code: string, rest: readonly Message[]): number {
  const texts = rest.map(({ got, sent }) => got ?? sent);
  const strict = texts.findIndex((one) => one.startsWith(`${code} `) || one === code);
  const end = strict >= 0 ? strict : texts.findIndex((one) => /^\d{3}( |$)/.test(one));
  return end < 0 ? texts.length : end + 1;
}

/** What a code is for, where it is for something (RFC 959 §4.2.2, RFC 2428); any command may get any other. */
const MEANT_FOR: readonly (readonly [codes: readonly number[], verbs: RegExp])[] = [
  [[120], /^$/],
  [[220], /^($|REIN|HOST|AUTH)/],
  [[221], /^QUIT$/],
  [[227, 228, 229], /^(?!USER$|PASS$|RETR$|STOR$|LIST$|NLST$|PORT$|EPRT$|QUIT$|TYPE$|$)/],
  [[230, 232, 331, 332], /^(USER|PASS|ACCT|REIN)$/],
  [[200], /^(?!RETR$|STOR$|STOU$|APPE$|LIST$|NLST$|MLSD$)/],
  [[125, 150, 426], /^(RETR|STOR|STOU|APPE|LIST|NLST|MLSD|ABOR)$/],
  // vsftpd answers PASV with it, ftp-srv PORT.
  [[425], /^(RETR|STOR|STOU|APPE|LIST|NLST|MLSD|ABOR|PASV|EPSV|LPSV|SPSV|CPSV|PORT|EPRT|LPRT)$/],
  [[226], /^(RETR|STOR|STOU|APPE|LIST|NLST|MLSD|ABOR)$/],
];

/** Commands whose success has a code of its own. */
const NEEDS_PORT = /^(PASV|EPSV|LPSV|SPSV|CPSV)$/;

const fits = ({ code }: Reply, { verb, argument }: Exchange): boolean =>
  MEANT_FOR.every(([codes, verbs]) => !codes.includes(code) || verbs.test(verb)) &&
  (code >= 400 || [227, 228, 229].includes(code) || !NEEDS_PORT.test(verb) || /^ALL$/i.test(argument));

/** Returns whether it is the answer to any command. */
function answer(exchanges: readonly Exchange[], reply: Reply): boolean {
  const greeted = exchanges.some(({ final }) => final !== undefined);
  const waiting = exchanges.filter(({ final, verb }) => final === undefined && (verb !== "" || !greeted));
  const exchange = waiting.find((one) => fits(reply, one));
  if (exchange === undefined) return false;
  if (reply.code < 200) exchange.marks.push(reply);
  else exchange.final = reply;
  return true;
}

export const isPositive = (reply: Reply | undefined): boolean =>
  reply !== undefined && reply.code >= 200 && reply.code < 400;

/** 4xx, 5xx. */
export const isNegative = (reply: Reply | undefined): boolean =>
  reply !== undefined && reply.code >= 400 && reply.code < 600;

/** It came to the client. */
export const reached = (reply: Reply | undefined): reply is Reply => reply?.message.gotMs !== undefined;
