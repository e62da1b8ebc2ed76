/**
 * The first bytes of TLS on a control connection, in Latin-1: enough for a proxy to see that this is not FTP, and the
 * same in every play.
 */

/** A record of RFC 8446 §5.1: type, version, length, body. */
const record = (type: number, body: string): string =>
  String.fromCharCode(type, 3, 1, body.length >> 8, body.length & 255) + body;

const HANDSHAKE = 22;
const CLIENT_HELLO_TYPE = 1;

/** Padded to 512 bytes as in RFC 7685, so it contains many NULs. */
const CLIENT_HELLO_BODY = `\x03\x03${"anchorage".repeat(4).slice(0, 32)}\0\0\x02\x13\x01\x01\0`.padEnd(508, "\0");

/** @example clientHello.length // 517 */
export const clientHello: string = record(
  HANDSHAKE,
  String.fromCharCode(CLIENT_HELLO_TYPE, 0, CLIENT_HELLO_BODY.length >> 8, CLIENT_HELLO_BODY.length & 255) +
    CLIENT_HELLO_BODY,
);

const SERVER_HELLO_TYPE = 2;
/** RFC 8446 §4.1.3: version, random, an empty session id, a cipher suite, no compression, no extensions. */
const SERVER_HELLO_BODY = `\x03\x03${"anchorage".repeat(4).slice(4, 36)}\0\x13\x01\0\0\0`;

export const serverHello: string = record(
  HANDSHAKE,
  String.fromCharCode(SERVER_HELLO_TYPE, 0, 0, SERVER_HELLO_BODY.length) + SERVER_HELLO_BODY,
);

const APPLICATION_DATA = 23;

/** The smallest TLS 1.3 record around one line: unreadable without the key, and without NUL and LF in its body. */
export const sealed = (line: string): string =>
  record(APPLICATION_DATA, Array.from(`${line}\r\n`, (one) => String.fromCharCode(one.charCodeAt(0) ^ 0xa5)).join(""));
