/**
 * The calls of a TCP connection's user (RFC 9293, 3.9.1), as sockets have them.
 *
 * `write` makes one segment of a chunk that fits into the MSS and the window while nothing is pending (there is no
 * Nagle algorithm). Two writes send a command in two segments. A pause between them keeps a closed window from
 * joining them.
 *
 * @example
 * write(connection, bytes); // "sent", or "blocked" by the node's own packet filter
 */

import type { SendOutcome } from "../ip/forwarder.ts";
import type { TcpConnection } from "./connection.ts";
import { sendReset, transmit } from "./transmit.ts";

export function write(connection: TcpConnection, bytes: Uint8Array): SendOutcome {
  if (connection.finishing || connection.state === "CLOSED") return "sent";
  connection.sendQueue.append(bytes);
  return transmit(connection);
}

/**
 * The last byte is urgent: the receiver learns its place. TCP has one urgent pointer: while an
 * earlier urgent byte has not left, the new one takes its place, and the earlier is ordinary data.
 */
export function writeUrgent(connection: TcpConnection, bytes: Uint8Array): SendOutcome {
  if (bytes.length > 0 && !connection.finishing) connection.urgentTo = connection.sendQueue.end + bytes.length;
  return write(connection, bytes);
}

/** No more writing: FIN after what is pending. */
export function finish(connection: TcpConnection): SendOutcome {
  if (connection.finishing) return "sent";
  switch (connection.state) {
    case "CLOSED":
    case "TIME_WAIT":
      return "sent";
    case "ESTABLISHED":
      connection.state = "FIN_WAIT_1";
      break;
    case "CLOSE_WAIT":
      connection.state = "LAST_ACK";
      break;
    default:
      break;
  }
  connection.finishing = true;
  return transmit(connection);
}

/** No more writing or reading: RST answers data that still arrives. */
export function close(connection: TcpConnection): SendOutcome {
  connection.orphaned = true;
  connection.receiveQueue.discard();
  if (connection.state === "SYN_SENT" && connection.pending === 0) {
    connection.end();
    return "sent";
  }
  if (connection.state === "FIN_WAIT_2") connection.timers.waitForFin();
  return finish(connection);
}

/** RST at once. */
export function abort(connection: TcpConnection): void {
  if (connection.state !== "SYN_SENT" && connection.state !== "TIME_WAIT" && connection.state !== "CLOSED")
    sendReset(connection);
  connection.end();
}

/** The user has read: the window may open again. */
export function read(connection: TcpConnection): void {
  if (connection.state !== "ESTABLISHED" && connection.state !== "FIN_WAIT_1" && connection.state !== "FIN_WAIT_2")
    return;
  const { receiveQueue, settings, segment, receiveEdge } = connection;
  const room = settings.receiveBuffer - receiveQueue.unread;
  const opened = receiveQueue.next + room - receiveEdge;
  if (opened < Math.min(2 * segment, settings.receiveBuffer / 2)) return;
  // A delayed acknowledgement reports it soon enough, unless the sender must wait for it.
  if (connection.acknowledge === "later" && receiveEdge - receiveQueue.next >= 2 * segment) return;
  connection.acknowledge = "now";
  transmit(connection);
}
