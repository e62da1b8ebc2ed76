/** 5. Bytes that the proxy does not rewrite arrive unchanged and in order; data arrives whole. */

import type { Peer } from "../../contract/lab.ts";
import { digest } from "../observation/connections.ts";
import { type ControlDialogue, mayBeProxyReply, mayStayWithProxy } from "../observation/control-dialogue.ts";
import { escapeLine, type ObservedLine, type Timeline } from "../observation/timeline.ts";
import { type Evidence, type Invariant, verdictsOf } from "./evidence.ts";

const { held, broken } = verdictsOf("bytes-intact", "Bytes that are not rewritten arrive unchanged");

/** The proxy may keep a line only when the session ends over it. */
const LEFT_BEHIND_MS = 1_000;

export const bytesIntact: Invariant = (evidence) => {
  const { timeline, terminates } = evidence;
  if (terminates) {
    for (const dialogue of timeline.dialogues) {
      const fault = lineFault(evidence, dialogue, "server") ?? lineFault(evidence, dialogue, "client");
      if (fault !== undefined) return broken(fault);
    }
  }
  const torn = tornData(timeline);
  if (torn !== undefined) return broken(torn);
  const lines = timeline.lines.filter((line) => line.leg === line.towards).length;
  return held(`${lines} lines and ${timeline.dataConnections().length} data connections compared`);
};

/** Compares lines in with lines out, towards one peer of one session. An urgent byte is not part of the stream. */
function lineFault(evidence: Evidence, dialogue: ControlDialogue, towards: Peer): string | undefined {
  const { timeline, proxyArgs } = evidence;
  const arriving = towards === "server" ? "client" : "server";
  const of = (leg: string) =>
    timeline.lines.filter((line) => line.session === dialogue.number && line.towards === towards && line.leg === leg);
  const came = of(arriving);
  const went = of(towards);
  let next = 0;
  for (const [place, line] of went.entries()) {
    if (line.opaque) {
      const encrypted = came.slice(next).filter((one) => one.opaque || !mayStayWithProxy(proxyArgs, one.text));
      return streamFault(evidence, towards, encrypted, went.slice(place));
    }
    while (
      came[next] !== undefined &&
      !isPassed(came[next], line) &&
      mayStayWithProxy(proxyArgs, came[next]?.text ?? "")
    ) {
      next += 1;
    }
    const original = came[next];
    if (original !== undefined && isPassed(original, line)) next += 1;
    else if (towards === "server" || !mayBeProxyReply(proxyArgs, line.text)) return misfit(towards, line, original);
  }
  const unsent = came.slice(next).find((line) => !mayStayWithProxy(proxyArgs, line.text));
  return unsent && leftBehind(timeline, towards, unsent);
}

/** From the first TLS record on there are no lines: a proxy may split and join segments. */
function streamFault(
  { timeline, proxyArgs }: Evidence,
  towards: Peer,
  came: readonly ObservedLine[],
  went: readonly ObservedLine[],
): string | undefined {
  const passed = went.filter(({ text }) => towards === "server" || !mayBeProxyReply(proxyArgs, text));
  const [sent, got] = [came, passed].map((lines) => lines.map(({ text }) => text).join(""));
  if (sent === undefined || got === undefined || !sent.startsWith(got)) {
    return `the ${towards} got other encrypted bytes than were sent: ${got?.length} of ${sent?.length} seen`;
  }
  let length = 0;
  const unsent = came.find(({ text }) => {
    length += text.length;
    return length > got.length;
  });
  return unsent && leftBehind(timeline, towards, unsent);
}

function leftBehind(timeline: Timeline, towards: Peer, unsent: ObservedLine): string | undefined {
  const last = timeline.lines.filter(({ session }) => session === unsent.session).at(-1);
  if (last === undefined || last.atMs - unsent.atMs <= LEFT_BEHIND_MS) return undefined;
  return `the ${towards} never got ${escapeLine(unsent.text)} although the session went on`;
}

/** Whether the line that went out is the one that came in, or the proxy's rewriting of it. */
const isPassed = (came: ObservedLine | undefined, went: ObservedLine): boolean =>
  came !== undefined &&
  (went.text === (came.inline ?? came.text) || went.text === came.text || isRewriting(came.text, went.text));

const misfit = (towards: Peer, line: ObservedLine, original: ObservedLine | undefined): string =>
  original === undefined
    ? `the ${towards} got a line that was never sent: ${escapeLine(line.text)}`
    : `the ${towards} got ${escapeLine(line.text)} instead of ${escapeLine(original.text)}`;

/** A command or reply may only be replaced by one of the same kind. */
function isRewriting(original: string, line: string): boolean {
  const kind = (text: string) => /^(PORT |EPRT |227 |229 )/i.exec(text)?.[1]?.toUpperCase();
  return kind(line) !== undefined && kind(line) === kind(original);
}

function tornData(timeline: Timeline): string | undefined {
  for (const near of timeline.dataConnections()) {
    const far = timeline.beyond(near);
    if (near.state !== "closed" || far === undefined) continue;
    if (digest(near.toTarget) !== digest(far.toTarget) || digest(near.toOpener) !== digest(far.toOpener)) {
      return `data of ${near.opener.address} port ${near.opener.port} differs between the two networks`;
    }
  }
  return undefined;
}
