/**
 * Why a program gave up, where the firewall alone is to be the reason: what crossed the wires tells. It had logged
 * in and asked for a data connection in its mode, none came about, and something on the record says why: the
 * firewall answered nothing, the server would not dial another address than the client's, or the client was told
 * an address that it cannot reach.
 *
 * @example
 * withoutProxy: stopsAt("client downloads file", "gave-up", dataBlocked("active")),
 */

import type { TimelineEvent, Witness } from "../../contract/scenario.ts";
import type { Mode } from "./program-client.ts";

/** RFC 959, RFC 2428, RFC 1639. */
const ASKS: Readonly<Record<Mode, RegExp>> = { active: /^(PORT|EPRT|LPRT) /i, passive: /^(PASV|EPSV|LPSV)/i };

/** Absent: it may ask for either. */
export const dataBlocked =
  (mode?: Mode): Witness =>
  (timeline) => {
    const lines = timeline.flatMap((event) => (event.kind === "line" ? [event.text] : []));
    const data = timeline.filter(isData).map(({ event }) => event);
    const modes: readonly Mode[] = mode === undefined ? ["active", "passive"] : [mode];
    const asks = (line: string) => modes.some((one) => ASKS[one].test(line));
    if (!lines.some((line) => line.startsWith("230 "))) return "nobody had logged in";
    const asked = lines.findIndex(asks);
    if (asked < 0) return `no ${mode === undefined ? "" : `${mode} `}data connection was asked for`;
    if (data.includes("opened")) return "a data connection was opened";
    const after = lines.slice(asked);
    const reasons = [
      data.includes("no-answer"),
      // Whoever takes PORT for another host's address for an attempt to have it bounced, RFC 2577 §3.
      after.some((line, at) => ASKS.active.test(line) && /^5\d\d /.test(after[at + 1] ?? "")),
      // RFC 1918.
      after.some((line) => /^227 .*\b10,\d+,\d+,\d+,/.test(line)),
    ];
    return reasons.includes(true) ? undefined : "nothing on the record has kept the data connection from opening";
  };

const isData = (event: TimelineEvent): event is Extract<TimelineEvent, { kind: "connection" }> =>
  event.kind === "connection" && event.channel === "data";
