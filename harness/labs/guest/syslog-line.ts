/**
 * A line of syslogd's file about the proxy. Files do not tell a message's level. The end of an FTP line, which
 * syslogd writes as `^M` without its LF, is written `\r\n` as `ftp-proxy -d` does.
 *
 * @example
 * syslogLine("Nov 23 09:00:00 fw ftp-proxy[4711]: #1 client reset connection") // { program: "ftp-proxy", pid: 4711, text: "#1 client reset connection" }
 */

export interface SyslogLine {
  readonly program: string;
  readonly pid: number | undefined;
  readonly text: string;
}

/** RFC 3164 §4.1 as syslogd(8) writes it, or with the ISO time of `syslogd -Z` and of FreeBSD's `-O rfc5424` cousins. */
const LINE = /^(?:\w{3} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (?:<[\w.]+> )?\S+ ([^\s[:]+)(?:\[(\d+)\])?: (.*)$/;

/** Undefined: no message of a program ("last message repeated 2 times", a cut line). */
export function syslogLine(line: string): SyslogLine | undefined {
  const found = LINE.exec(line);
  if (found === null) return undefined;
  const [, program = "", pid, text = ""] = found;
  return { program, pid: pid === undefined ? undefined : Number(pid), text: text.replace(/\^M$/, "\\r\\n") };
}
