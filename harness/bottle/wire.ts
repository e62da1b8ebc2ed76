/**
 * The bytes of a socket that TLS has taken over.
 *
 * In Node a TLS socket takes the handle away from the socket it wraps. Here it must not listen to
 * the socket's own `data` either: ftp-srv keeps its command handler there and repeats the decrypted
 * bytes to it, basic-ftp removes every listener. So TLS reads and writes this stream, which shares the
 * socket's link; the two end together.
 *
 * @example
 * const secure = new TLSSocket(new Wire(socket, link), { isServer: true, secureContext });
 */
import { Duplex } from "node:stream";
import type { Link, StreamCallback } from "./link.ts";

export class Wire extends Duplex {
  readonly #socket: Duplex;
  readonly #link: Link;

  constructor(socket: Duplex, link: Link) {
    // Half-open, and not destroyed by its own ends: TLS says its goodbye (close_notify) after the peer's FIN.
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#socket = socket;
    this.#link = link;
    socket.once("close", () => this.destroy());
  }

  override _read(): void {
    this.#link.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: StreamCallback): void {
    this.#link.transmit(chunk, callback);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: StreamCallback): void {
    this.#link.transmit(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: StreamCallback): void {
    this.#link.finish(callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#socket.destroy();
    callback(error);
  }
}
