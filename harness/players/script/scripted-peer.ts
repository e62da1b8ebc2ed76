/**
 * The common part of a scripted client and a scripted server: sends and awaits lines, opens and accepts data
 * connections. Each method is one step of the play's time line.
 */

import type { Connection, Endpoint, Listener } from "../../../proxy/host.ts";
import type { LabHost } from "../../contract/lab.ts";
import { Deviation, type Differs, type Patience, type Script } from "../../contract/script.ts";
import { Change } from "../../net/time/change.ts";
import { ControlChannel, PATIENCE_MS, show, toBytes } from "./control-channel.ts";
import { CONNECT_PATIENCE_MS, DataChannel } from "./data-channel.ts";
import { describe, type ExpectedLine, isSameKind, matches } from "./expected-line.ts";

/** How long a listener for data waits: longer than a peer dials in vain, so that the dialling step reports the failure. */
const ACCEPT_PATIENCE_MS = 200_000;

/** How long an attempt to connect that should fail goes on: a SYN and two retransmissions. */
export const VAIN_PATIENCE_MS = 5_000;

/** A host behind an agent closes its listener this much later. */
export const CLOSING_MS = 250;

/** Between two segments that must not be sent as one. */
const SEGMENT_PAUSE_MS = 20;

/** Connections that have arrived at listeners and that no step has accepted yet. */
export class Arrivals {
  readonly #waiting: Connection[] = [];
  readonly #listeners: Listener[] = [];
  readonly #change = new Change();

  async listen(host: LabHost, at: Endpoint): Promise<Endpoint> {
    const listener = await host.listen(at, (connection) => {
      this.#waiting.push(connection);
      this.#change.happened();
    });
    this.#listeners.push(listener);
    return listener.local;
  }

  get first(): Connection | undefined {
    return this.#waiting[0];
  }

  /** The next one; undefined when none comes in time. */
  async next(host: LabHost, patienceMs: number): Promise<Connection | undefined> {
    await this.#change.until(() => this.#waiting.length > 0, host.clock, patienceMs);
    return this.#waiting.shift();
  }

  stop(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  leave(): void {
    this.stop();
    for (const connection of this.#waiting.splice(0)) connection.close();
  }
}

export abstract class ScriptedPeer {
  protected readonly host: LabHost;
  protected readonly script: Script;
  protected readonly who: "client" | "server";
  #channel: ControlChannel | undefined;
  readonly #data = new Arrivals();
  readonly #connections: Connection[] = [];
  /** The port that it listens on for data, or 0. */
  dataPort = 0;

  constructor(who: "client" | "server", host: LabHost, script: Script) {
    this.who = who;
    this.host = host;
    this.script = script;
  }

  protected get channel(): ControlChannel {
    if (this.#channel === undefined) {
      throw new Deviation("closed", `a control connection of the ${this.who}`, "none: it has not been opened");
    }
    return this.#channel;
  }

  protected adopt(connection: Connection): void {
    this.#connections.push(connection);
    this.#channel = new ControlChannel(connection, this.host.clock);
  }

  /** Its own address on the control connection. */
  get address(): string {
    return this.channel.connection.local.address;
  }

  /** The address at the other end of its control connection. */
  get peerAddress(): string {
    return this.channel.connection.remote.address;
  }

  get peerPort(): number {
    return this.channel.connection.remote.port;
  }

  /** Sends one line, CR LF added. */
  sends(line: string): Promise<void> {
    return this.script.step(this.who, `sends ${line}`, () => {
      this.channel.connection.write(toBytes(`${line}\r\n`));
    });
  }

  /** Sends exactly these characters (Latin-1), each text as one segment. */
  sendsSegments(...segments: readonly string[]): Promise<void> {
    return this.script.step(this.who, `sends ${segments.map(show).join(" | ")}`, async () => {
      for (const [index, segment] of segments.entries()) {
        if (index > 0) await this.script.wait(SEGMENT_PAUSE_MS);
        this.channel.connection.write(toBytes(segment));
      }
    });
  }

  /** Sends bytes that are not text (Latin-1), in one piece. */
  sendsBinary(bytes: string): Promise<void> {
    return this.script.step(this.who, `sends ${bytes.length} bytes that are no text`, () => {
      this.channel.connection.write(toBytes(bytes));
    });
  }

  /** Sends these characters; the last one as urgent data (Telnet Synch, RFC 854). */
  sendsUrgent(text: string): Promise<void> {
    return this.script.step(this.who, `sends ${show(text)}, the last byte urgent`, () => {
      this.channel.connection.writeUrgent(toBytes(text));
    });
  }

  /** Waits for the next line, and goes on with one of the same code or verb; another line stops the script. */
  gets(expected: ExpectedLine): Promise<string> {
    return this.script.step(this.who, `gets ${describe(expected)}`, async (patience, differs) => {
      const line = await this.channel.line(describe(expected), patience(PATIENCE_MS));
      if (!matches(line, expected)) {
        if (!isSameKind(line, expected)) throw new Deviation("other-bytes", describe(expected), line);
        differs("dialogue", describe(expected), line);
      }
      this.heard(line);
      return line;
    });
  }

  /** Waits for exactly these characters (Latin-1), and goes on with as many others of the same code or verb. */
  getsBytes(text: string): Promise<void> {
    return this.script.step(this.who, `gets ${show(text)}`, async (patience, differs) => {
      const got = await this.channel.bytes(text.length, show(text), patience(PATIENCE_MS));
      if (got === text) return;
      if (!isSameKind(got, text)) throw new Deviation("other-bytes", show(text), show(got));
      differs("dialogue", show(text), show(got));
    });
  }

  /** Waits for exactly these bytes (Latin-1), which are not text. */
  getsBinary(bytes: string): Promise<void> {
    const what = `${bytes.length} bytes that are no text`;
    return this.script.step(this.who, `gets ${what}`, async (patience) => {
      const got = await this.channel.bytes(bytes.length, what, patience(PATIENCE_MS));
      if (got !== bytes) throw new Deviation("other-bytes", what, "others");
    });
  }

  /** No urgent byte has come, and none comes for a second. */
  getsNoUrgentByte(): Promise<void> {
    return this.script.step(this.who, "gets no urgent byte", async (_, differs) => {
      await this.script.wait(this.script.abridged(1_000));
      const { urgent } = this.channel;
      if (urgent.length > 0) differs("dialogue", "no urgent byte", `urgent ${urgent.join(", ")}`);
    });
  }

  /** The other end closes or resets the control connection. */
  seesClose(patienceMs = PATIENCE_MS): Promise<void> {
    return this.script.step(this.who, "sees its control connection closed", async (patience) => {
      await this.channel.close(patience(patienceMs));
    });
  }

  /** No byte comes for so long, and the connection stays open. */
  hearsNothing(milliseconds: number): Promise<void> {
    return this.script.step(this.who, `hears nothing for ${milliseconds / 1000} s`, async (_, differs) => {
      const heard = await this.channel.silence(milliseconds);
      if (heard !== undefined) differs("dialogue", "silence", show(heard));
    });
  }

  closes(): Promise<void> {
    return this.script.step(this.who, "closes its control connection", () => this.channel.connection.close());
  }

  /** Sends FIN and goes on reading. */
  halfCloses(): Promise<void> {
    return this.script.step(this.who, "half-closes its control connection", () => this.channel.connection.end());
  }

  resets(): Promise<void> {
    return this.script.step(this.who, "resets its control connection", () => this.channel.connection.reset());
  }

  /** Stops reading its control connection; the peer's window closes after a while. */
  stopsReading(): Promise<void> {
    return this.script.step(this.who, "stops reading", () => this.channel.connection.pause());
  }

  /** Listens for data connections, one after the other, on `dataPort`. */
  listensForData(port = 0): Promise<Endpoint> {
    return this.script.step(this.who, "listens for data", async () => {
      this.dataPort = (await this.#data.listen(this.host, { address: this.address, port })).port;
      return { address: this.address, port: this.dataPort };
    });
  }

  /** Stops listening for data. */
  stopsListening(): Promise<void> {
    return this.script.step(this.who, "stops listening for data", async () => {
      this.#data.stop();
      await this.script.wait(CLOSING_MS);
    });
  }

  /** Its host's packet filter answers SYNs to `dataPort` with ICMP "port unreachable". The scenario needs `icmp-refusal`. */
  refusesDataByIcmp(): Promise<void> {
    return this.script.step(this.who, "refuses data connections by ICMP", async () => {
      await this.host.refuseByIcmp?.(this.dataPort);
    });
  }

  acceptsData(): Promise<DataChannel> {
    return this.script.step(this.who, "accepts data", async (patience) => {
      const patienceMs = patience(ACCEPT_PATIENCE_MS);
      const connection = await this.#data.next(this.host, patienceMs);
      if (connection === undefined) {
        const expected = `a data connection to port ${this.dataPort}`;
        throw new Deviation("silence", expected, `none in ${patienceMs / 1000} s`);
      }
      this.#connections.push(connection);
      return new DataChannel(connection, this.host.clock, this.script, this.who);
    });
  }

  /** No data connection comes for so long. */
  isLeftAlone(milliseconds: number): Promise<void> {
    return this.script.step(this.who, `gets no data connection for ${milliseconds / 1000} s`, async (_, differs) => {
      await this.script.wait(milliseconds);
      const connection = this.#data.first;
      if (connection !== undefined) differs("dialogue", "no data connection", `one from ${connection.remote.address}`);
    });
  }

  protected async dial(
    to: Endpoint,
    patience: Patience,
    local?: { address?: string; port?: number },
  ): Promise<DataChannel> {
    const options = { address: to.address, port: to.port, ...(local === undefined ? {} : { local }) };
    const channel = await DataChannel.open(this.host, options, this.script, this.who, patience(CONNECT_PATIENCE_MS));
    this.#connections.push(channel.connection);
    return channel;
  }

  /** Dials in vain: the attempt should fail for this cause. One that succeeds is reset. */
  protected async dialInVain(
    cause: "no-answer" | "refused",
    to: Endpoint,
    differs: Differs,
    local?: { address?: string; port?: number },
    host = this.host,
  ): Promise<void> {
    const options = { address: to.address, port: to.port, ...(local === undefined ? {} : { local }) };
    const expected = `no data connection to ${to.address} port ${to.port}: ${cause}`;
    try {
      const channel = await DataChannel.open(host, options, this.script, this.who, VAIN_PATIENCE_MS);
      channel.connection.reset();
      differs("dialogue", expected, "an open connection");
    } catch (error) {
      if (!(error instanceof Deviation)) throw error;
      if (error.deviationCause !== cause) differs("dialogue", expected, error.actual);
    }
  }

  /** Reads the addresses in a line that came. */
  protected abstract heard(line: string): void;

  /** The end of the play: closes every listener and connection. */
  async leave(): Promise<void> {
    this.#data.leave();
    for (const connection of this.#connections.splice(0)) connection.close();
  }
}
