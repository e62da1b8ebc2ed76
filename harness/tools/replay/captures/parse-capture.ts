/**
 * Reads a capture file. Three layouts exist: natively run (`== client side`, `== server side`,
 * `== proxy log … and pf transactions`), on OpenBSD (the same with pfctl's listings in between), and
 * short ones without the first headline. Files about something else say so in `reason`.
 *
 * @example
 * const capture = parseCapture("captures/native/pasv4.txt", await readFile(path, "latin1"));
 */

import type { Capture, LogEvent, PeerEvent } from "./capture.ts";
import { argumentsOf, environmentOf } from "./capture-command.ts";
import { parseInvocations } from "./parse-invocations.ts";
import { parseLog } from "./parse-log.ts";
import { parsePeer } from "./parse-peer.ts";

/** Where a line belongs, by the last headline above it. */
type Section = "head" | "client" | "server" | "log" | "other";

export function parseCapture(name: string, text: string): Capture {
  const lines = text.split("\n");
  const command = lines.find((line) => line.startsWith("# command: "))?.slice("# command: ".length) ?? "";
  const invocations = parseInvocations(lines, command);
  if (invocations !== undefined) return { kind: "command-lines", name, invocations };
  const sections = divide(lines);
  const client = parsePeer(sections.client, "C");
  const server = parsePeer(sections.server, "S");
  const log = parseLog(sections.log);
  const reason = reasonAgainst(command, client, log);
  if (reason !== undefined) return { kind: "does-not-apply", name, reason };
  const pid = /(?:ftp-proxy\/|anchor ")(\d+)\.\d+/.exec(text)?.[1];
  const runs = split(log);
  if (runs.length > 1) {
    const dialogues = runs.map((run) => ({ ...dialogue(name, command, run), client: [], server: [] }));
    return { kind: "several", name, dialogues };
  }
  return {
    ...dialogue(name, command, log),
    client,
    server,
    ...(pid && { pid: Number(pid) }),
    ...printedAtTheEnd(sections),
  };
}

function dialogue(name: string, command: string, log: readonly LogEvent[]) {
  return { kind: "dialogue", name, args: argumentsOf(command, log), environment: environmentOf(command), log } as const;
}
function printedAtTheEnd(sections: Sections) {
  return sections.final === undefined ? {} : { finalAnchors: sections.final.join("\n") };
}

/** A file may hold the logs of several runs, each from its own start. */
function split(log: readonly LogEvent[]): readonly (readonly LogEvent[])[] {
  const runs: LogEvent[][] = [[]];
  for (const event of log) {
    const begun = runs.at(-1)?.some((earlier) => earlier.text.startsWith("listening on "));
    if (begun && /^(using|listening) /.test(event.text)) runs.push([]);
    runs.at(-1)?.push(event);
  }
  return runs;
}

function reasonAgainst(command: string, client: readonly PeerEvent[], log: readonly LogEvent[]): string | undefined {
  if (command.includes("no proxy")) return "no proxy ran: the rules were loaded by hand";
  if (log.length > 0) return undefined;
  if (client.length > 0) return "only the client's side was recorded, neither server nor proxy log";
  return "no dialogue and no proxy log: listings, configuration or measurements";
}

interface Sections {
  readonly client: readonly string[];
  readonly server: readonly string[];
  readonly log: readonly string[];
  readonly final: readonly string[] | undefined;
}

function divide(lines: readonly string[]): Sections {
  const found = {
    head: [] as string[],
    client: [] as string[],
    server: [] as string[],
    log: [] as string[],
    other: [],
  };
  let final: string[] | undefined;
  let collecting = false;
  let section: Section = "head";
  for (const line of lines) {
    if (line.startsWith("== ")) {
      section = sectionOf(line);
      collecting = false;
    } else if (line.startsWith("--- after the session: pfctl -a")) {
      final = [];
      collecting = true;
    } else if (line.startsWith("---")) {
      collecting = false;
      found[section].push(line as never);
    } else if (collecting && /^(anchor "| {2}|\})/.test(line)) {
      final?.push(line);
    } else {
      found[section].push(line as never);
    }
  }
  // Short files begin with the client's lines, or with the log, without a headline.
  const headless = found.head.filter((line) => !line.startsWith("# "));
  const isLog = headless.some((line) => /^(\[syslog \d\] )?(listening on|using )/.test(line));
  return {
    client: isLog ? found.client : [...headless, ...found.client],
    server: found.server,
    log: isLog ? [...headless, ...found.log] : found.log,
    final,
  };
}

function sectionOf(headline: string): Section {
  if (headline.startsWith("== client")) return "client";
  if (headline.startsWith("== server")) return "server";
  return /^== (proxy|ftp-proxy) log/.test(headline) ? "log" : "other";
}
