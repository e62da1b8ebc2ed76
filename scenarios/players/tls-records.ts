/**
 * The first bytes of a TLS connection as they cross a control connection, in Latin-1: enough for a
 * proxy to see that this is no FTP, and the same in every play.
 */

/** A record of RFC 8446 §5.1: type, version, length, body. */
const record = (type: number, body: string): string =>
  String.fromCharCode(type, 3, 1, body.length >> 8, body.length & 255) + body;

const HANDSHAKE = 22;
const CLIENT_HELLO_TYPE = 1;

/** Padded to 512 bytes, as RFC 7685 has clients do: record and padding are full of NUL. */
const CLIENT_HELLO_BODY = `\x03\x03${"anchorage".repeat(4).slice(0, 32)}\0\0\x02\x13\x01\x01\0`.padEnd(508, "\0");

/** @example clientHello.length // 517 */
export const clientHello: string = record(
  HANDSHAKE,
  String.fromCharCode(CLIENT_HELLO_TYPE, 0, CLIENT_HELLO_BODY.length >> 8, CLIENT_HELLO_BODY.length & 255) +
    CLIENT_HELLO_BODY,
);
