/**
 * Reads a capture file: its sections, the proxy's arguments and log, or a list of invocations. Three
 * layouts exist: recorded on Linux (`== client side`, `== server side`, `== proxy log … and pf
 * transactions`), on OpenBSD (the same with pfctl's listings in between), and short ones without the
 * first headline. A file about something else gets a `reason`.
 *
 * @example
 * const capture = parseCapture(await readFile("captures/native/pasv4.txt", "latin1"));
 */

import { visible } from "../../../../proxy/visible.ts";
import { type Capture, type Dialogue, type Invocation, isFirewallChange, type JournalEntry } from "./capture.ts";
import { parsePeer } from "./parse-peer.ts";

export function parseCapture(text: string): Capture {
  const lines = text.split("\n");
  const command = lines.find((line) => line.startsWith("# command: "))?.slice("# command: ".length) ?? "";
  const invocations = parseInvocations(lines, command);
  if (invocations !== undefined) return { kind: "command-lines", invocations };
  const sections = divide(lines);
  const log = parseLog(sections.log);
  const client = parsePeer(sections.client, "C");
  const reason = reasonAgainst(command, client.length > 0, log.length > 0);
  if (reason !== undefined) return { kind: "does-not-apply", reason };
  const dialogues = splitRuns(log).map((run): Dialogue => {
    return { args: argumentsOf(command, run), environment: environmentOf(command), client: [], server: [], log: run };
  });
  const [only] = dialogues;
  if (only === undefined || dialogues.length > 1) return { kind: "dialogues", dialogues };
  const pid = /(?:ftp-proxy\/|anchor ")(\d+)\.\d+/.exec(text)?.[1];
  const dialogue = {
    ...only,
    client,
    server: parsePeer(sections.server, "S"),
    ...(pid !== undefined && { pid: Number(pid) }),
    ...(sections.final !== undefined && { finalAnchors: sections.final.join("\n") }),
  };
  return { kind: "dialogues", dialogues: [dialogue] };
}

/** Each run begins with its own start. */
function splitRuns(log: readonly JournalEntry[]): readonly (readonly JournalEntry[])[] {
  const runs: JournalEntry[][] = [[]];
  for (const entry of log) {
    const begun = runs.at(-1)?.some((earlier) => earlier.text.startsWith("listening on "));
    if (begun && /^(using|listening) /.test(entry.text)) runs.push([]);
    runs.at(-1)?.push(entry);
  }
  return runs;
}

function reasonAgainst(command: string, hasClient: boolean, hasLog: boolean): string | undefined {
  if (command.includes("no proxy")) return "no proxy ran: the rules were loaded by hand";
  if (hasLog) return undefined;
  if (hasClient) return "only the client's lines were recorded, neither server nor proxy log";
  return "no dialogue and no proxy log: listings, configuration or measurements";
}

/** The lines below each headline, and pfctl's listing after the session. */
function divide(lines: readonly string[]) {
  const head: string[] = [];
  const client: string[] = [];
  const server: string[] = [];
  const log: string[] = [];
  let final: string[] | undefined;
  let inFinal = false;
  let section = head;
  for (const line of lines) {
    if (line.startsWith("== client")) section = client;
    else if (line.startsWith("== server")) section = server;
    else if (/^== (proxy|ftp-proxy) log/.test(line)) section = log;
    else if (line.startsWith("== ")) section = [];
    else if (line.startsWith("--- after the session: pfctl -a")) final = [];
    else if (inFinal && /^(anchor "| {2}|\})/.test(line)) final?.push(line);
    else section.push(line);
    if (/^(== |---)/.test(line)) inFinal = line.startsWith("--- after the session: pfctl -a");
  }
  // Short files begin with the client's lines, or with the log, without a headline.
  const headless = head.filter((line) => !line.startsWith("# "));
  const isLog = headless.some((line) => /^(\[syslog \d\] )?(listening on|using )/.test(line));
  (isLog ? log : client).unshift(...headless);
  return { client, server, log, final };
}

/** From the command, which may be part of a sentence, and from where the proxy says that it listens. */
function argumentsOf(command: string, log: readonly JournalEntry[]): readonly string[] {
  const named = /(?:^|[ /])ftp-proxy((?: -\w+| [\w.:]+(?= |$))*)/.exec(command)?.[1];
  const bare = /^((?:-\w+ ?)+(?:[\w.]+)?)(?=[:;])/.exec(command)?.[1];
  const words = (named ?? bare ?? "").split(" ").filter((word) => word !== "");
  // An option keeps its argument; other words belong to the sentence.
  const args = words.filter((word, at) => word.startsWith("-") || /^-[abDmPpqRTt]$/.test(words[at - 1] ?? ""));
  if (!args.some((word) => word.startsWith("-D"))) args.unshift("-d", "-D7");
  const listening = log.find((entry) => entry.text.startsWith("listening on "));
  const [, address, port] = /^listening on (\S+) port (\S+)$/.exec(listening?.text ?? "") ?? [];
  if (address !== undefined && !args.includes("-b")) args.push("-b", address);
  if (port !== undefined && !args.includes("-p")) args.push("-p", port);
  if (address?.includes(":") && !args.includes("-6")) args.push("-6");
  return args;
}

function environmentOf(command: string): Readonly<Record<string, string>> {
  const found = command.matchAll(/(FTPPROXY_\w+)=(\S+?)(?=[) ]|$)/g);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, value]));
}

/** Undefined: the capture is of another kind. */
function parseInvocations(lines: readonly string[], command: string): readonly Invocation[] | undefined {
  if (!lines.some((line) => /^rc \d+$/.test(line)) || !lines.some((line) => line.includes("ftp-proxy: ")))
    return undefined;
  const invocations: Invocation[] = [];
  // A capture of one invocation names it only in its head.
  let args: readonly string[] = command.includes("ftp-proxy") ? ["-d"] : [];
  let printed = "";
  for (const line of lines) {
    const status = /^rc (\d+)$/.exec(line);
    if (line.startsWith("$ ftp-proxy")) {
      args = line.split(" ").slice(2);
      printed = "";
    } else if (status !== null) {
      invocations.push({ args, printed, status: Number(status[1]) });
      printed = "";
    } else if (!line.startsWith("# ") && !/^pf (dis|en)abled$/.test(line)) {
      printed += `${line}\n`;
    }
  }
  return invocations;
}

/** Each line that the proxy prints with -d begins like this. */
const proxyLine =
  /^(#\d+ |listening on |using |client limit |accept\(\) failed|exiting on signal|PASV and PORT not|proxy_reply)/;

function parseLog(lines: readonly string[]): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const syslog = /^\[syslog (\d)\] (.*)$/s.exec(line);
    if (syslog === null) {
      const entry = { text: line };
      if (isFirewallChange(entry) || proxyLine.test(line)) entries.push(entry);
      continue;
    }
    let text = syslog[2] ?? "";
    for (let next = lines[at + 1]; next !== undefined && !/^\[(syslog|pf)/.test(next); next = lines[at + 1]) {
      if (at + 2 >= lines.length && next === "") break;
      text += `\n${next}`;
      at++;
    }
    entries.push({ text: visible(text), level: Number(syslog[1]) });
  }
  return entries;
}
