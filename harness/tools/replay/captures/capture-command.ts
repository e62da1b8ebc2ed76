/**
 * Takes ftp-proxy's arguments and environment out of a capture's `# command:` line. Where the line only
 * tells what the case is about, the arguments are those of the play: `-d -D7` and what the log shows.
 *
 * @example
 * argumentsOf("ftp-proxy -d -D7 -b 10.0.0.1   (FTPPROXY_FAKE_DST=198.51.100.9:21)", log);
 * // ["-d", "-D7", "-b", "10.0.0.1"]
 */

import type { LogEvent } from "./capture.ts";

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
