/**
 * Decides about one line from the server, given the command that it may answer: 227 after PASV, 229
 * after EPSV, and for the classic generation `200 ` after PORT and EPRT.
 *
 * @example
 * inspectReply("227 Entering Passive Mode (198,51,100,9,195,80)\r\n", { verb: "PASV" }, setup, random);
 * // { kind: "open", line: "227 Entering Passive Mode (198,51,100,9,230,62)\r\n", … }
 */

import type { Random } from "../host.ts";
import {
  type HostPort,
  parseEpsvReply,
  parseEpsvReplyLeniently,
  parsePasvReply,
  parsePasvReplyLeniently,
} from "./host-port.ts";
import { activePath, sameAddress, shortestInspected } from "./inspect-command.ts";
import * as lines from "./log-lines.ts";
import { lowestPort, pickProxyPort, rewriteEpsvReply, rewritePasvReply } from "./rewrite.ts";
import type { SessionSetup } from "./setup.ts";
import { forward, type Pending, type Verdict } from "./verdict.ts";

export function inspectReply(line: string, pending: Pending, setup: SessionSetup, random: Random): Verdict {
  if (line.length < shortestInspected) return forward;
  switch (pending.verb) {
    case "PASV":
      return line.startsWith("227 ") ? passive("PASV", line, setup, random) : forward;
    case "EPSV":
      return line.startsWith("229 ") ? passive("EPSV", line, setup, random) : forward;
    case "PORT":
    case "EPRT":
      return line.startsWith("200 ") ? accepted(line, pending, setup) : forward;
    default:
      return pending.verb satisfies never;
  }
}

function passive(verb: "PASV" | "EPSV", line: string, setup: SessionSetup, random: Random): Verdict {
  const { id, client, original, server, proxy, extensions } = setup;
  const named = read(verb, line, extensions.lenientReplies);
  if (named === undefined || named.port < lowestPort) {
    return { kind: "end", log: lines.badPort(id, line), why: "Bad port in the server's reply" };
  }
  if (extensions.checkPeer && verb === "PASV" && !sameAddress(named.address, server)) {
    const log = lines.foreignAddress(id, named.address ?? "none", line);
    return { kind: "end", log, why: "Foreign address in the server's reply" };
  }
  const proxyPort = pickProxyPort(random);
  const rewritten = verb === "PASV" ? rewritePasvReply(original, proxyPort) : rewriteEpsvReply(proxyPort);
  return {
    kind: "open",
    path: { mode: "passive", client, original, server, proxy, port: named.port, proxyPort, fromPort20: false },
    line: rewritten,
    logs: [lines.passive(id, named.port, proxyPort)],
    held: lines.wrote(id, rewritten),
  };
}

function read(verb: "PASV" | "EPSV", line: string, leniently: boolean): HostPort | undefined {
  const strict = verb === "PASV" ? parsePasvReply(line) : parseEpsvReply(line);
  if (strict !== undefined || !leniently) return strict;
  return verb === "PASV" ? parsePasvReplyLeniently(line) : parseEpsvReplyLeniently(line);
}

/** Classic only: PORT and EPRT are pending there, and there alone. */
function accepted(line: string, { verb, offer }: Pending, setup: SessionSetup): Verdict {
  if (offer === undefined) return forward;
  return {
    kind: "open",
    path: activePath(verb, offer, setup),
    line,
    logs: [lines.active(setup.id, offer.port, offer.proxyPort)],
  };
}

/** More commands in flight than any client is known to send. Our own number. */
const longestQueue = 64;

/**
 * `--match-replies` pairs the server's replies with the client's commands. RFC 959, 5.4: each command gets one
 * final reply, in order; 1yz replies come before it; a multi-line reply runs from `NNN-` to `NNN `. The greeting
 * answers no command. Commands beyond `longestQueue` unanswered ones are counted, not remembered.
 */
export class ReplyPairing {
  readonly #unanswered: (Pending | undefined)[] = [];
  #uncounted = 0;
  #greeted = false;
  #multiline: string | undefined;

  command(pending: Pending | undefined): void {
    if (this.#unanswered.length < longestQueue) this.#unanswered.push(pending);
    else this.#uncounted++;
  }

  /** The negotiating command that this line is the final reply to, if it is one. */
  reply(line: string): Pending | undefined {
    const code = /^([1-5]\d\d)([ \r\n-])/.exec(line);
    if (this.#multiline !== undefined) {
      if (code?.[1] !== this.#multiline || code[2] === "-") return undefined;
      this.#multiline = undefined;
    } else if (code?.[2] === "-") {
      this.#multiline = code[1];
      return undefined;
    }
    if (code === null || line.startsWith("1")) return undefined;
    if (!this.#greeted) {
      this.#greeted = true;
      return undefined;
    }
    const answered = this.#unanswered.shift();
    if (this.#uncounted > 0) {
      this.#uncounted--;
      this.#unanswered.push(undefined);
    }
    return answered;
  }
}
