/**
 * A scripted player's end of a data connection. It carries one file each way in stream mode, where the sender's FIN is
 * the end of the file (RFC 959 §3.4.1). Each method is one step of the play's time line.
 *
 * @example
 * const data = await client.opensData();
 * await data.getsFile(FILE);
 */

import type { Clock, Connection, ConnectionError, ConnectOptions, Host } from "../../../proxy/host.ts";
import { type Cause, Deviation, type Script } from "../../contract/script.ts";
import { Change } from "../../net/time/change.ts";
import { show, toBytes, toText } from "./control-channel.ts";

/** Longer than a TCP tries to connect (Linux: 127 s). */
export const CONNECT_PATIENCE_MS = 180_000;
const PATIENCE_MS = 60_000;

export class DataChannel {
  readonly connection: Connection;
  readonly #script: Script;
  readonly #who: "client" | "server";
  readonly #clock: Clock;
  #received = "";
  #ended = false;
  #error: ConnectionError | undefined;
  readonly #change = new Change();

  constructor(connection: Connection, clock: Clock, script: Script, who: "client" | "server") {
    this.connection = connection;
    this.#clock = clock;
    this.#script = script;
    this.#who = who;
    this.#handle();
  }

  #handle(onConnect?: () => void): void {
    this.connection.handle({
      ...(onConnect === undefined ? {} : { onConnect }),
      onData: (bytes) => {
        this.#received += toText(bytes);
        this.#change.happened();
      },
      onEnd: () => this.#end(),
      onClose: (error) => this.#end(error),
    });
  }

  #end(error?: ConnectionError): void {
    this.#ended = true;
    this.#error ??= error;
    this.#change.happened();
  }

  /** Dials; settles when the handshake has succeeded or failed. */
  static async open(
    host: Host,
    options: ConnectOptions,
    script: Script,
    who: "client" | "server",
    patienceMs: number,
  ): Promise<DataChannel> {
    const channel = new DataChannel(host.connect(options), host.clock, script, who);
    let connected = false;
    channel.#handle(() => {
      connected = true;
      channel.#change.happened();
    });
    await channel.#wait(() => connected || channel.#ended, patienceMs);
    if (connected) return channel;
    const error = channel.#error;
    channel.connection.reset();
    throw new Deviation(
      causeOf(error),
      `a data connection to ${options.address} port ${options.port}`,
      error?.message ?? "no answer",
    );
  }

  /** Bytes that have come so far. */
  get received(): string {
    return this.#received;
  }

  /** The address at the other end. */
  get peerAddress(): string {
    return this.connection.remote.address;
  }

  /** Sends the whole file and its end. */
  sendsFile(contents: string): Promise<void> {
    return this.#script.step(this.#who, `sends a file of ${contents.length} bytes`, () => {
      this.connection.write(toBytes(contents));
      this.connection.end();
    });
  }

  /** Sends bytes and leaves the connection open. */
  sends(contents: string): Promise<void> {
    return this.#script.step(this.#who, `sends ${contents.length} bytes of data`, () => {
      this.connection.write(toBytes(contents));
    });
  }

  /** Waits for the end of the file, compares it, and closes. */
  getsFile(contents: string): Promise<void> {
    return this.#script.step(this.#who, `gets a file of ${contents.length} bytes`, async (patience) => {
      const expected = `a file of ${contents.length} bytes`;
      await this.#wait(() => this.#ended, patience(PATIENCE_MS));
      if (this.#error !== undefined)
        throw new Deviation("reset", expected, `${this.#error.message} after ${this.#received.length} bytes`);
      if (!this.#ended) throw new Deviation("silence", expected, `${this.#received.length} bytes and no end`);
      if (this.#received !== contents)
        throw new Deviation("other-bytes", expected, difference(contents, this.#received));
      this.connection.close();
    });
  }

  /** Waits for exactly these bytes; more may follow. */
  gets(contents: string): Promise<void> {
    return this.#script.step(this.#who, `gets ${contents.length} bytes of data`, async (patience) => {
      await this.#wait(() => this.#ended || this.#received.length >= contents.length, patience(PATIENCE_MS));
      const got = this.#received.slice(0, contents.length);
      if (got === contents) {
        this.#received = this.#received.slice(contents.length);
        return;
      }
      const cause: Cause = this.#error !== undefined ? "reset" : this.#ended ? "closed" : "silence";
      throw new Deviation(got === "" || contents.startsWith(got) ? cause : "other-bytes", show(contents), show(got));
    });
  }

  /** The peer finishes, and every byte that it sent has been read before. */
  seesEnd(): Promise<void> {
    return this.#script.step(this.#who, "sees the end of its data connection", async (patience) => {
      await this.#wait(() => this.#ended || this.#received !== "", patience(PATIENCE_MS));
      const expected = "the end of the data connection";
      if (this.#received !== "") throw new Deviation("other-bytes", expected, show(this.#received.slice(0, 100)));
      if (this.#error !== undefined) throw new Deviation("reset", expected, this.#error.message);
      if (!this.#ended) throw new Deviation("silence", expected, "an open data connection");
    });
  }

  /** Sends FIN and goes on reading. */
  halfCloses(): Promise<void> {
    return this.#script.step(this.#who, "half-closes its data connection", () => this.connection.end());
  }

  /** Stops reading; the sender's window closes after a while. */
  stopsReading(): Promise<void> {
    return this.#script.step(this.#who, "stops reading data", () => this.connection.pause());
  }

  readsOn(): Promise<void> {
    return this.#script.step(this.#who, "reads data again", () => this.connection.resume());
  }

  /** The peer resets the connection. */
  seesReset(): Promise<void> {
    return this.#script.step(this.#who, "sees its data connection reset", async (patience) => {
      await this.#wait(() => this.#ended, patience(PATIENCE_MS));
      if (this.#error?.code === "ECONNRESET") return;
      throw new Deviation(
        this.#ended ? "closed" : "silence",
        "a reset",
        this.#ended ? "an orderly end" : "an open connection",
      );
    });
  }

  closes(): Promise<void> {
    return this.#script.step(this.#who, "closes its data connection", () => this.connection.close());
  }

  resets(): Promise<void> {
    return this.#script.step(this.#who, "resets its data connection", () => this.connection.reset());
  }

  #wait(condition: () => boolean, milliseconds: number): Promise<void> {
    return this.#change.until(condition, this.#clock, milliseconds);
  }
}

export function causeOf(error: ConnectionError | undefined): Cause {
  switch (error?.code) {
    case "ECONNREFUSED":
      return "refused";
    case "ECONNRESET":
      return "reset";
    default:
      return "no-answer";
  }
}

/** Where two contents differ first. */
function difference(expected: string, actual: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at++;
  const piece = show(actual.slice(at, at + 20));
  return `${actual.length} bytes, different from byte ${at} on: ${piece}`;
}
