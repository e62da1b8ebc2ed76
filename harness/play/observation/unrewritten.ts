/**
 * Why a proxy like ftp-proxy(8) does not rewrite a line that names a data port, read off the dialogue.
 *
 * Its whole memory is the client's last line, if that negotiates, until the server's next line
 * (docs/reference/ftp-proxy/dialogue.md). Where an option of our proxy would cure it, the option is named.
 *
 * @example
 * explainUnrewritten(events, []); // the 227: { …, why: 'nothing was pending: "226 Done" came after PASV …', cure: "--match-replies" }
 */

import {
  parseEpsvReply,
  parseEpsvReplyLeniently,
  parsePasvReply,
  parsePasvReplyLeniently,
} from "../../../proxy/session/host-port.ts";
import { negotiationVerb } from "../../../proxy/session/inspect-command.ts";
import { ReplyPairing } from "../../../proxy/session/inspect-reply.ts";
import { lowestPort } from "../../../proxy/session/rewrite.ts";
import type { NegotiationVerb } from "../../../proxy/session/setup.ts";
import type { TimelineEvent } from "../../../reports/model.ts";

type Line = Extract<TimelineEvent, { kind: "line" }>;
type Reason = Pick<Line, "why" | "cure">;

/** A line that waits at the proxy, and why it will not be rewritten. */
interface Waiting {
  readonly at: number;
  readonly line: Line;
  readonly reason: Reason | undefined;
}

/** Returns the events of a play, with `why` and `cure` on lines that the proxy passed as they were, or hung up on. */
export function explainUnrewritten(events: readonly TimelineEvent[], proxyArgs: readonly string[]): TimelineEvent[] {
  const explained = [...events];
  const sessions = new Map<number, SessionMemory>();
  const held = new Map<string, readonly string[]>();
  events.forEach((event, at) => {
    if (event.kind === "anchor") held.set(event.anchor, event.rules);
    if (event.kind !== "line" || event.opaque === true) return;
    const memory = sessions.get(event.session) ?? new SessionMemory(proxyArgs);
    sessions.set(event.session, memory);
    if (event.to === "proxy") memory.arrives(event, at, [...held.values()].flat().length > 0);
    else if (event.from === "proxy") {
      const passed = memory.leaves(event);
      if (passed?.reason !== undefined) explained[passed.at] = { ...passed.line, ...passed.reason };
    }
  });
  for (const memory of sessions.values()) {
    const last = memory.refused();
    if (last?.reason !== undefined) explained[last.at] = { ...last.line, ...last.reason };
  }
  return explained;
}

/** One session as its proxy remembers it. */
class SessionMemory {
  readonly #proxyArgs: readonly string[];
  readonly #pairing = new ReplyPairing();
  readonly #waiting: Waiting[] = [];
  /** The command that awaits its reply: the very next line of the server. */
  #pending: NegotiationVerb | undefined;
  /** The latest command that negotiates, and the line that made the proxy forget it. */
  #asked: { readonly verb: NegotiationVerb; forgottenBy?: Line } | undefined;
  /** A command that a person takes for a negotiation, and the proxy does not. */
  #unknown: string | undefined;
  /** The negotiation whose rules are in the anchor. */
  #loaded: NegotiationVerb | undefined;

  constructor(proxyArgs: readonly string[]) {
    this.#proxyArgs = proxyArgs;
  }

  /** A line comes to the proxy. */
  arrives(line: Line, at: number, rulesHeld: boolean): void {
    const reason = line.from === "client" ? this.#command(line) : this.#reply(line, rulesHeld);
    this.#waiting.push({ at, line, reason });
  }

  /** A line leaves the proxy: the one that came, if that passed as it was. */
  leaves({ to, text, insteadOf }: Line): Waiting | undefined {
    const from = to === "client" ? "server" : "client";
    const at = this.#waiting.findIndex(({ line }) => line.from === from && line.text === (insteadOf ?? text));
    const [one] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (one === undefined || insteadOf === undefined) return one;
    this.#loaded = negotiationVerb(insteadOf) ?? (insteadOf.startsWith("229") ? "EPSV" : "PASV");
    return undefined;
  }

  /** The line that the proxy hung up on: it came last and never left. */
  refused(): Waiting | undefined {
    const last = this.#waiting.at(-1);
    return last?.reason?.why?.startsWith(REWRITES) === true ? undefined : last;
  }

  #command(line: Line): Reason | undefined {
    const text = textOf(line);
    const verb = negotiationVerb(text);
    const pending = verb === "PASV" || verb === "EPSV" ? verb : undefined;
    this.#pairing.command(pending && { verb: pending });
    if (verb === undefined && this.#asked !== undefined) this.#asked.forgottenBy ??= line;
    if (verb !== undefined) this.#asked = { verb };
    this.#pending = pending;
    this.#unknown = verb === undefined && NEGOTIATES.test(text) ? text : undefined;
    if (this.#unknown !== undefined && NAMES_PORT.test(text)) return { why: unknownCommand(text) };
    return undefined;
  }

  #reply(line: Line, rulesHeld: boolean): Reason | undefined {
    const text = textOf(line);
    const matched = this.#pairing.reply(`${text}\r\n`)?.verb;
    const pending = this.#has("--match-replies") ? matched : this.#pending;
    const reason = /^\s*22[79]([ -]|$)/.test(text) ? this.#whyNot(text, pending, matched, rulesHeld) : undefined;
    if (this.#asked !== undefined) this.#asked.forgottenBy ??= line;
    this.#pending = undefined;
    return reason;
  }

  #whyNot(
    text: string,
    pending: NegotiationVerb | undefined,
    matched: NegotiationVerb | undefined,
    rulesHeld: boolean,
  ): Reason {
    if (pending !== undefined) return this.#unread(text, pending);
    const lenient = this.#has("--lenient-replies");
    const curable = matched !== undefined && readable(text, matched, true);
    const alsoLenient = curable && !lenient && matched !== undefined && !readable(text, matched, false);
    const still = rulesHeld ? `; the anchor still holds the rules of the earlier ${this.#loaded ?? "negotiation"}` : "";
    return {
      why: `${this.#whyNothingPending()}${still}`,
      ...(curable && { cure: alsoLenient ? "--match-replies --lenient-replies" : "--match-replies" }),
    };
  }

  #whyNothingPending(): string {
    if (this.#has("--match-replies")) return "it is the reply to another command, as --match-replies counts them";
    if (this.#unknown !== undefined) return unknownCommand(this.#unknown);
    if (this.#asked === undefined) return "nothing was pending: no PASV or EPSV came before it";
    const { verb, forgottenBy } = this.#asked;
    if (forgottenBy === undefined) return `nothing was pending: ${verb} asks for no such reply`;
    const words = `nothing was pending: ${quoted(forgottenBy)} came after ${verb}`;
    return forgottenBy.from === "client"
      ? `${words}, and only the client's last line counts`
      : `${words}, and only the very next reply is looked at`;
  }

  /** The reply to `verb`, which the proxy looks at. */
  #unread(text: string, verb: NegotiationVerb): Reason {
    const code = verb === "PASV" ? "227" : "229";
    if (!text.startsWith(code)) return { why: `${verb} was pending, and only a ${code} answers it` };
    if (!text.startsWith(`${code} `)) return { why: `it does not begin with "${code}" and a blank` };
    const lenient = this.#has("--lenient-replies");
    if (readable(text, verb, lenient)) return { why: `${REWRITES} it: ${verb} was pending` };
    const port = portIn(text, verb, lenient);
    if (port !== undefined) return { why: `port ${port} is below ${lowestPort}` };
    const form = verb === "PASV" ? "(h1,h2,h3,h4,p1,p2" : "(|||port";
    return {
      why: `no port is read in it: "${form}" must come after the last blank`,
      ...(readable(text, verb, true) && { cure: "--lenient-replies" }),
    };
  }

  #has(option: string): boolean {
    return this.#proxyArgs.includes(option);
  }
}

/** A command that a peer may read as one of the four, with an address or without. */
const NEGOTIATES = /(PASV|EPSV|PORT|EPRT)\b/i;
const NAMES_PORT = /(PORT|EPRT)\s/i;

/** A line that passes although it answers the pending command: the proxy is not like ftp-proxy(8). */
const REWRITES = "ftp-proxy(8) would have rewritten";

const unknownCommand = (text: string): string =>
  `the proxy does not know "${text}": only a line that begins with PASV, EPSV, PORT or EPRT, the last two with a blank behind`;

/** Without its line end. */
const textOf = ({ text }: Line): string => text.replace(/(\\r)?\\n$/, "");

const LONGEST_QUOTE = 40;
const quoted = (line: Line): string => {
  const text = textOf(line);
  return `"${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 1)}…` : text}"`;
};

function portIn(text: string, verb: NegotiationVerb, leniently: boolean): number | undefined {
  const strict = verb === "PASV" ? parsePasvReply(text) : parseEpsvReply(text);
  if (strict !== undefined || !leniently) return strict?.port;
  return (verb === "PASV" ? parsePasvReplyLeniently(text) : parseEpsvReplyLeniently(text))?.port;
}

const readable = (text: string, verb: NegotiationVerb, leniently: boolean): boolean =>
  text.startsWith(verb === "PASV" ? "227 " : "229 ") && (portIn(text, verb, leniently) ?? 0) >= lowestPort;
