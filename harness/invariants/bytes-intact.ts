/** 5. Bytes that the proxy does not rewrite arrive unchanged and in order; data arrives whole. */

import type { ControlDialogue, Towards } from "../play/control-dialogue.ts";
import { digest } from "../play/flows.ts";
import { escapeLine, type Transcript, type WitnessedLine } from "../play/transcript.ts";
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
  const came = of(arriving).filter((line) => !isRefusedUser(line, proxyArgs));
  const went = of(towards).filter((line) => !isAuthored(line, came));
  for (const [index, line] of went.entries()) {
    const original = came[index];
    if (original === undefined) return `the ${towards} got a line that nobody sent: ${escapeLine(line.text)}`;
    const awaited = original.inline ?? original.text;
    if (line.text !== awaited && line.text !== original.text && !isRewriting(original.text, line.text)) {
      return `the ${towards} got ${escapeLine(line.text)} instead of ${escapeLine(original.text)}`;
    }
  }
  const unsent = came[went.length];
  const last = transcript.lines.filter((line) => line.session === dialogue.number).at(-1);
  if (unsent !== undefined && last !== undefined && last.atMs - unsent.atMs > LEFT_BEHIND_MS) {
    return `the ${towards} never got ${escapeLine(unsent.text)} although the session went on`;
  }
  return undefined;
}

/** `-A`: lines that begin with U and name another user are answered by the proxy itself. */
const isRefusedUser = (line: WitnessedLine, proxyArgs: readonly string[]): boolean =>
  proxyArgs.includes("-A") && /^u/i.test(line.text) && !/^user (ftp|anonymous)\r\n$/i.test(line.text);

const isAuthored = (line: WitnessedLine, came: readonly WitnessedLine[]): boolean =>
  line.text === "500 Only anonymous FTP allowed\r\n" && !came.some((other) => other.text === line.text);

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
