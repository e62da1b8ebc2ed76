/**
 * `--json-log`: one object per line, with the session's id taken out of the text.
 *
 * @example
 * jsonLine(0, 6, "#3 client close"); // {"time":"1970-01-01T00:00:00.000Z","level":"info","session":3,"text":"client close"}
 */

/** Source: syslog(3). */
const levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

export function levelName(level: number): string {
  return levels[level] ?? "debug";
}

export function jsonLine(milliseconds: number, level: number, text: string): string {
  const [, session, rest] = /^#(\d+) (.*)$/s.exec(text) ?? [];
  return JSON.stringify({
    time: new Date(milliseconds).toISOString(),
    level: levelName(level),
    ...(session !== undefined && { session: Number(session) }),
    text: rest ?? text,
  });
}
