/**
 * How a peer writes a line: as one segment with CR LF, unless its quirk cuts it, ends it or colours it otherwise.
 *
 * @example
 * replies: { PASV: ({ hostPort }) => ({ in: ["227 Entering ", `Passive Mode (${hostPort})\r\n`] }) }
 */

import type { Clock, Connection } from "../../../proxy/host.ts";
import { toBytes } from "../script/control-channel.ts";

/** A line without its CR LF, exact segments (Latin-1), or nothing at all. */
export type Line = string | { readonly in: readonly string[] } | null;

/** All characters of a line, without the CR LF that it gets. */
export const textOf = (line: Line): string =>
  line === null || typeof line === "string" ? (line ?? "") : line.in.join("");

/** Cuts or changes a line that includes its CR LF. Returns its segments. */
export type Writes = (line: string) => readonly string[];

/** Between two segments that must not be sent as one. */
const SEGMENT_PAUSE_MS = 20;

export const pause = (clock: Clock, milliseconds: number): Promise<void> =>
  new Promise((resolve) => void clock.after(milliseconds, resolve));

export async function writeLine(connection: Connection, clock: Clock, line: Line, writes?: Writes): Promise<void> {
  if (line === null) return;
  const whole = typeof line === "string" ? (writes?.(`${line}\r\n`) ?? [`${line}\r\n`]) : line.in;
  for (const [index, segment] of whole.entries()) {
    if (index > 0) await pause(clock, SEGMENT_PAUSE_MS);
    connection.write(toBytes(segment));
  }
}
