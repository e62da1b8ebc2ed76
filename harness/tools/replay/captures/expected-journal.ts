/**
 * What the proxy must log and do to the firewall, in order, in one form for all kinds of captures.
 *
 * Two differences of form are taken out, both on purpose: `proxy: 227 …` is logged by the C program
 * between opening the transaction and adding rules, which a loader of whole texts cannot show, so it
 * stands after the transaction here; and pfctl refuses `keep state` on the `match` rules of `-T`, so it
 * is left out of them. Changes that the firewall refused are told by the log alone.
 *
 * @example
 * expectedJournal(dialogue); // ["listening on …", "#1 accepted …", "[pf] begin ftp-proxy/1.1", …]
 */

import type { Dialogue, LogEvent } from "./capture.ts";

export interface JournalEntry {
  readonly text: string;
  /** Known only where the capture went through syslog(3). */
  readonly level?: number;
}

export function expectedJournal(dialogue: Dialogue): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  let at = 0;
  while (at < dialogue.log.length) {
    const event = dialogue.log[at];
    if (event?.kind === "pf") {
      const end = endOfTransaction(dialogue.log, at);
      entries.push(...transaction(dialogue.log.slice(at, end)));
      at = end;
    } else if (event !== undefined) {
      entries.push(logEntry(event));
      at++;
    }
  }
  return entries;
}

function logEntry(event: LogEvent & { kind: "log" }): JournalEntry {
  return event.level === undefined ? { text: event.text } : { text: event.text, level: event.level };
}

/** From a begin to its commit, its failure or its rollback; log lines in between belong to it. */
function endOfTransaction(log: readonly LogEvent[], start: number): number {
  for (let at = start; at < log.length; at++) {
    const event = log[at];
    if (event?.kind !== "pf") continue;
    if (event.text.startsWith("DIOCXROLLBACK")) return at + 1;
    if (event.text.startsWith("DIOCXBEGIN") && event.text.includes("FAIL")) return at + 1;
    // A commit that was busy is tried a second time.
    if (event.text.startsWith("DIOCXCOMMIT") && !log[at + 1]?.text.startsWith("DIOCXCOMMIT")) return at + 1;
  }
  return log.length;
}

function transaction(events: readonly LogEvent[]): readonly JournalEntry[] {
  const logged = events.flatMap((event) => (event.kind === "log" ? [logEntry(event)] : []));
  const steps = events.flatMap((event) => (event.kind === "pf" ? [event.text] : []));
  const committed = steps.findLast((step) => step.startsWith("DIOCXCOMMIT"));
  if (committed === undefined || committed.includes("FAIL")) return logged;
  const done = steps.filter((step) => !step.includes("FAIL"));
  return [...done.map((step) => ({ text: `[pf] ${withoutStateOnMatch(step)}` })), ...logged];
}

/** pfctl's parser: "keep state is great, but only for pass rules". */
export function withoutStateOnMatch(text: string): string {
  return text.replace(/(match (?:in|out) .*?) keep state \(max 1\)/g, "$1");
}
