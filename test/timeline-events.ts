/**
 * For tests of the ladder: short ways to write down events of a time line.
 *
 *     relayed(12, "client", "USER anonymous\\r\\n") // client to proxy, proxy to server
 */
import type { Party, TimelineEvent } from "../reports/model.ts";

type EventOf<Kind extends TimelineEvent["kind"]> = Extract<TimelineEvent, { kind: Kind }>;

export const line = (
  atMs: number,
  from: Party,
  to: Party,
  text: string,
  more: Partial<EventOf<"line">> = {},
): TimelineEvent => ({ kind: "line", atMs, from, to, session: 1, text, ...more });

/** A line that the proxy hands on unchanged. */
export function relayed(atMs: number, from: "client" | "server", text: string): TimelineEvent[] {
  const to = from === "client" ? "server" : "client";
  return [line(atMs, from, "proxy", text), line(atMs, "proxy", to, text)];
}

export const connection = (
  atMs: number,
  channel: "control" | "data",
  from: Party,
  to: Party,
  event: EventOf<"connection">["event"],
  addresses: string,
  more: Partial<EventOf<"connection">> = {},
): TimelineEvent => ({ kind: "connection", atMs, channel, from, to, event, addresses, ...more });

export const anchor = (atMs: number, before: readonly string[], rules: readonly string[]): TimelineEvent => ({
  kind: "anchor",
  atMs,
  anchor: "ftp-proxy/4711.1",
  before,
  rules,
});

export const log = (atMs: number, text: string, level = 6): TimelineEvent => ({ kind: "log", atMs, level, text });
