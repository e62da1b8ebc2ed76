/**
 * ICMP errors about a TCP connection. A smaller MTU makes smaller segments. An unreachable ends an attempt to
 * connect (Linux) or becomes its "soft error" (OpenBSD); an established connection ignores it.
 *
 * @example
 * icmpArrives(connection, "host-unreachable", quoted);
 */

import type { ConnectionErrorCode } from "../../../proxy/host.ts";
import type { TcpPacket } from "../../pf/packet.ts";
import type { IcmpErrorKind } from "../ip/icmp-error.ts";
import type { TcpConnection } from "./connection.ts";
import { transmit } from "./transmit.ts";

/** An ICMP error about one of a connection's segments arrives. */
export function icmpArrives(connection: TcpConnection, kind: IcmpErrorKind, quoted: TcpPacket): void {
  const { state, settings } = connection;
  const position = connection.una + ((quoted.seq - connection.sequenceOf(connection.una)) | 0);
  // Forged or old: not about anything in flight (RFC 5927).
  if (position < connection.una || position >= Math.max(connection.max, connection.una + 1)) return;
  if (kind === "too-big") {
    const segment = Math.min(connection.segment, connection.ownMaximumSegment());
    if (segment === connection.segment) return;
    connection.segment = Math.max(1, segment);
    connection.congestion.setSegment(connection.segment);
    connection.next = connection.una < 0 ? connection.next : connection.una;
    transmit(connection);
    return;
  }
  const code: ConnectionErrorCode =
    kind === "port-unreachable" || kind === "protocol-unreachable" ? "ECONNREFUSED" : "EHOSTUNREACH";
  if (state !== "SYN_SENT" && state !== "SYN_RECEIVED") return;
  // tcp_notify: a second error after more than three SYNs ends the attempt.
  const enough = connection.timers.retries > 3 && connection.softError !== undefined;
  connection.softError = code;
  if (settings.unreachableDuringConnect === "at-once" || enough) connection.end(code);
}
