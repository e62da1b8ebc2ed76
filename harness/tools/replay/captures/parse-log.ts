/**
 * Reads the proxy's log: as printed with `-d`, or as given to syslog(3) (`[syslog 7] …`, where a line
 * break in the text is one in the file), with the ioctls of the native runs (`[pf] …`) in between.
 *
 * @example
 * parseLog(["listening on 127.0.0.1 port 8021", "[pf] DIOCXBEGIN anchor=ftp-proxy/1.1 type=0"]);
 */

import { visible } from "../../../../proxy/log/visible.ts";
import type { LogEvent } from "./capture.ts";

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
