/** What the user notices: `hangs for 30 s`, `connection closed`, `connection reset`. */

import type { Facts, Session } from "./facts.ts";

/** A client that half-closes (RFC 9293 §3.6) waits for its answer; one that gives up has waited before. */
const AT_ONCE_MS = 1_000;

/** From the moment when the user began to wait, until the session or the play ended. */
export function noticeOf({ doneMs }: Facts, { client }: Session, sinceMs: number): string {
  const ends = client.ends.filter(({ atMs }) => atMs <= doneMs);
  const left = ends.find(({ by }) => by === "client");
  const other = ends.find(({ by }) => by !== "client");
  if (other !== undefined && (left === undefined || left.atMs >= other.atMs || left.atMs - sinceMs < AT_ONCE_MS)) {
    return other.how === "reset" ? "connection reset" : "connection closed";
  }
  return hangs((left?.atMs ?? doneMs) - sinceMs);
}

/** @example hangs(29_600) // "hangs for 30 s" */
export function hangs(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 1 ? "hangs" : `hangs for ${seconds} s`;
}
