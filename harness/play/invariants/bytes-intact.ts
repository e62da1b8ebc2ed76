/** 5. Bytes that the proxy does not rewrite arrive unchanged and in order; data arrives whole. */

import { mayBeAnswered, mayBeAuthored } from "../authored.ts";
import type { ControlDialogue, Towards } from "../control-dialogue.ts";
import { digest } from "../flows.ts";
import { escapeLine, type Transcript, type WitnessedLine } from "../transcript.ts";
import { broken, type Evidence, held, type Invariant } from "./evidence.ts";

const NAME = "bytes-intact";
const TITLE = "What is not rewritten arrives unchanged";

/** A line may stay behind only when the session ends over it. */
const LEFT_BEHIND_MS = 1_000;

export const bytesIntact: Invariant = (evidence) => {
  const { transcript, terminates } = evidence;
  if (terminates) {
    for (const dialogue of transcript.dialogues) {
      const fault = lineFault(evidence, dialogue, "server") ?? lineFault(evidence, dialogue, "client");
      if (fault !== undefined) return broken(NAME, TITLE, fault);
    }
  }
  const torn = tornData(transcript);
  if (torn !== undefined) return broken(NAME, TITLE, torn);
  const lines = transcript.lines.filter((line) => line.leg === line.towards).length;
  return held(NAME, TITLE, `${lines} lines and ${transcript.dataFlows().length} data connections compared`);
};

/** Compares what came in with what went out, one direction of one session. An urgent byte is no part of the stream. */
function lineFault(evidence: Evidence, dialogue: ControlDialogue, towards: Towards): string | undefined {
  const { transcript, proxyArgs } = evidence;
  const arriving = towards === "server" ? "client" : "server";
  const of = (leg: string) =>
    transcript.lines.filter((line) => line.session === dialogue.number && line.towards === towards && line.leg === leg);
  const came = of(arriving);
  const went = of(towards);
  let next = 0;
  for (const [place, line] of went.entries()) {
    if (line.opaque) {
      const sealed = came.slice(next).filter((one) => one.opaque || !mayBeAnswered(proxyArgs, one.text));
      return streamFault(evidence, towards, sealed, went.slice(place));
    }
    while (
      came[next] !== undefined &&
      !isPassed(came[next], line) &&
      mayBeAnswered(proxyArgs, came[next]?.text ?? "")
    ) {
      next += 1;
    }
    const original = came[next];
    if (original !== undefined && isPassed(original, line)) next += 1;
    else if (towards === "server" || !mayBeAuthored(proxyArgs, line.text)) return misfit(towards, line, original);
  }
  const unsent = came.slice(next).find((line) => !mayBeAnswered(proxyArgs, line.text));
  return unsent && leftBehind(transcript, towards, unsent);
}

/** From the first TLS record on there are no lines: segments may be cut and put together on the way. */
function streamFault(
  { transcript, proxyArgs }: Evidence,
  towards: Towards,
  came: readonly WitnessedLine[],
  went: readonly WitnessedLine[],
): string | undefined {
  const passed = went.filter(({ text }) => towards === "server" || !mayBeAuthored(proxyArgs, text));
  const [sent, got] = [came, passed].map((lines) => lines.map(({ text }) => text).join(""));
  if (sent === undefined || got === undefined || !sent.startsWith(got)) {
    return `the ${towards} got other sealed bytes than were sent: ${got?.length} of ${sent?.length} seen`;
  }
  let length = 0;
  const unsent = came.find(({ text }) => {
    length += text.length;
    return length > got.length;
  });
  return unsent && leftBehind(transcript, towards, unsent);
}

function leftBehind(transcript: Transcript, towards: Towards, unsent: WitnessedLine): string | undefined {
  const last = transcript.lines.filter(({ session }) => session === unsent.session).at(-1);
  if (last === undefined || last.atMs - unsent.atMs <= LEFT_BEHIND_MS) return undefined;
  return `the ${towards} never got ${escapeLine(unsent.text)} although the session went on`;
}

/** The line that went out is the one that came in, or the proxy's rewriting of it. */
const isPassed = (came: WitnessedLine | undefined, went: WitnessedLine): boolean =>
  came !== undefined &&
  (went.text === (came.inline ?? came.text) || went.text === came.text || isRewriting(came.text, went.text));

const misfit = (towards: Towards, line: WitnessedLine, original: WitnessedLine | undefined): string =>
  original === undefined
    ? `the ${towards} got a line that nobody sent: ${escapeLine(line.text)}`
    : `the ${towards} got ${escapeLine(line.text)} instead of ${escapeLine(original.text)}`;

/** A command or reply may only be replaced by one of its own kind. */
function isRewriting(original: string, line: string): boolean {
  const kind = (text: string) => /^(PORT |EPRT |227 |229 )/i.exec(text)?.[1]?.toUpperCase();
  return kind(line) !== undefined && kind(line) === kind(original);
}

function tornData(transcript: Transcript): string | undefined {
  for (const flow of transcript.dataFlows()) {
    const beyond = transcript.beyond(flow);
    if (flow.state !== "closed" || beyond === undefined) continue;
    if (digest(flow.toTarget) !== digest(beyond.toTarget) || digest(flow.toOpener) !== digest(beyond.toOpener)) {
      return `data of ${flow.opener.address} port ${flow.opener.port} differs between the two networks`;
    }
  }
  return undefined;
}
