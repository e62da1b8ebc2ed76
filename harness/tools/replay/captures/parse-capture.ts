/**
 * Reads a capture file. Three layouts exist: natively run (`== client side`, `== server side`,
 * `== proxy log … and pf transactions`), on OpenBSD (the same with pfctl's listings in between), and
 * short ones without the first headline. Files about something else say so in `reason`.
 *
 * @example
 * const capture = parseCapture("captures/native/pasv4.txt", await readFile(path, "latin1"));
 */

import { visible } from "../../../../proxy/visible.ts";
import type { Capture, Invocation, LogEvent, PeerEvent } from "./capture.ts";
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

export function argumentsOf(command: string, log: readonly LogEvent[]): readonly string[] {
  const named = /(?:^|[ /])ftp-proxy((?: -\w+| [\w.:]+(?= |$))*)/.exec(command)?.[1];
  const bare = /^((?:-\w+ ?)+(?:[\w.]+)?)(?=[:;])/.exec(command)?.[1];
  const words = (named ?? bare ?? "").split(" ").filter((word) => word !== "");
  const letters = words.filter((word) => word.startsWith("-"));
  const args = letters.length > 0 ? withoutProse(words) : [];
  if (!args.some((word) => word.startsWith("-D"))) args.unshift("-d", "-D7");
  const listening = log.find((event) => event.text.startsWith("listening on "));
  const [, address, port] = /^listening on (\S+) port (\S+)$/.exec(listening?.text ?? "") ?? [];
  if (address !== undefined && !args.includes("-b")) args.push("-b", address);
  if (port !== undefined && !args.includes("-p")) args.push("-p", port);
  if (address?.includes(":") && !args.includes("-6")) args.push("-6");
  return args;
}

/** Options that take an argument keep it; other words belong to the sentence. */
function withoutProse(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) continue;
    kept.push(word);
    const next = words[at + 1];
    if (/^-[abDmPpqRTt]$/.test(word) && next !== undefined) {
      kept.push(next);
      at++;
    }
  }
  return kept;
}

export function environmentOf(command: string): Readonly<Record<string, string>> {
  const found = command.matchAll(/(FTPPROXY_\w+)=(\S+?)(?=[) ]|$)/g);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, value]));
}

/** Undefined: the capture is of another kind. */
export function parseInvocations(lines: readonly string[], command: string): readonly Invocation[] | undefined {
  if (!lines.some((line) => /^rc \d+$/.test(line)) || !lines.some((line) => line.includes("ftp-proxy: ")))
    return undefined;
  const invocations: Invocation[] = [];
  // A capture of one invocation names it only in its head.
  let args: readonly string[] = command.includes("ftp-proxy") ? ["-d"] : [];
  let printed: string[] = [];
  for (const line of lines) {
    const status = /^rc (\d+)$/.exec(line);
    if (line.startsWith("$ ftp-proxy")) {
      args = line.split(" ").slice(2);
      printed = [];
    } else if (status !== null) {
      invocations.push({ args, printed: printed.map((text) => `${text}\n`).join(""), status: Number(status[1]) });
      printed = [];
    } else if (!line.startsWith("# ") && !/^pf (dis|en)abled$/.test(line)) {
      printed.push(line);
    }
  }
  return invocations;
}

/** What the proxy prints with -d always begins like this. */
const proxyLine =
  /^(#\d+ |listening on |using |client limit |accept\(\) failed|exiting on signal|PASV and PORT not|proxy_reply)/;

export function parseLog(lines: readonly string[]): readonly LogEvent[] {
  const events: LogEvent[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("[pf] ")) {
      events.push({ kind: "pf", text: line.slice(5) });
      continue;
    }
    const syslog = /^\[syslog (\d)\] (.*)$/s.exec(line);
    if (syslog === null) {
      if (proxyLine.test(line)) events.push({ kind: "log", text: line });
      continue;
    }
    let text = syslog[2] ?? "";
    for (let next = lines[at + 1]; next !== undefined && !/^\[(syslog|pf)/.test(next); next = lines[at + 1]) {
      if (at + 2 >= lines.length && next === "") break;
      text += `\n${next}`;
      at++;
    }
    events.push({ kind: "log", text: visible(text), level: Number(syslog[1]) });
  }
  return events;
}
