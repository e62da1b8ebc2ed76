/**
 * One session of a plain or quirky server: its control connection, the data connection that the client has asked for,
 * and the verbs of the field. Handlers of quirks are written with them.
 *
 * @example
 * commands: { PASV: async (session) => {
 *   const { hostPort } = await session.listensForData();
 *   await session.says(`227 Entering passive mode. ${hostPort}`);
 * } }
 */

import type { Connection, Endpoint, Host } from "../../../proxy/host.ts";
import { familyOf } from "../../net/wire/address.ts";
import type { Family } from "../../pf/packet.ts";
import type { Files } from "../files.ts";
import { hostPort } from "../script/addresses.ts";
import { ControlChannel, withoutTelnet } from "../script/control-channel.ts";
import { DataConnection } from "./data-connection.ts";
import { Failure, failureFrom } from "./failure.ts";
import { ServerData } from "./server-data.ts";
import { type Line, pause, textOf, type Writes, writeLine } from "./writing.ts";

/** What a reply may depend on. */
export interface ReplyPlace {
  /** The server's data port in the last PASV or EPSV, as RFC 959 writes it: `198,51,100,7,195,81`. */
  readonly hostPort: string;
  readonly address: string;
  readonly port: number;
  readonly argument: string;
  readonly session: ServerSession;
}

export type Reply = Line | ((at: ReplyPlace) => Line);
export type Handler = (session: ServerSession, argument: string) => Promise<void> | void;

/** In what a quirky server differs from the plain one. */
export interface ServerBehaviour {
  /** By command, or `greeting`, `opening` (150), `done` (226), `no data` (425), `no file` (550), `unknown` (502), `idle` (421). */
  readonly replies?: Readonly<Record<string, Reply>>;
  /** What the server does at a command, in place of the plain handler. */
  readonly commands?: Readonly<Record<string, Handler>>;
  readonly writes?: Writes;
  /** The port from which it dials data. Default: one below its control port, 20 (RFC 959 §3.2). */
  readonly dialsFrom?: number;
  /** How many milliseconds it waits before a reply, by the reply's name. */
  readonly pauses?: Readonly<Record<string, number>>;
  /** What it does before it reads the first command, in place of the greeting. */
  readonly begins?: (session: ServerSession) => Promise<void>;
}

export interface ServerWaits {
  /** For a data connection to come, or to be answered. */
  readonly dataMs: number;
  /** For the next command. */
  readonly commandMs: number;
}

/** Replies and handlers of a server without a quirk. */
export type PlainServer = Required<Pick<ServerBehaviour, "replies" | "commands">>;

export interface SessionOptions {
  readonly host: Host;
  readonly files: Files;
  readonly plain: PlainServer;
  readonly behaviour: ServerBehaviour;
  readonly waits: ServerWaits;
  /** Hears that it dialled for data and did not get through. */
  readonly onVainDial?: (() => void) | undefined;
  /** Hears each line of the dialogue: `> PASV`, `< 227 …`. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export class ServerSession {
  readonly host: Host;
  readonly files: Files;
  readonly behaviour: ServerBehaviour;
  readonly #plainCommands: PlainServer["commands"];
  /** The quirk's, or the plain ones. */
  readonly #replies: PlainServer["replies"];
  readonly #onLine: ((line: string) => void) | undefined;
  /** Facts that a handler keeps between commands. */
  readonly notes = new Map<string, unknown>();
  readonly #waits: ServerWaits;
  readonly #channel: ControlChannel;
  readonly #data: ServerData;
  /** REST: where the next RETR or STOR begins. */
  offset = 0;
  #over = false;

  constructor(connection: Connection, options: SessionOptions) {
    const { host, files, plain, behaviour, waits, onVainDial, onLine } = options;
    this.#onLine = onLine;
    this.host = host;
    this.files = files;
    this.behaviour = behaviour;
    this.#plainCommands = plain.commands;
    this.#replies = { ...plain.replies, ...behaviour.replies };
    this.#waits = waits;
    this.#channel = new ControlChannel(connection, host.clock);
    const { dialsFrom } = behaviour;
    this.#data = new ServerData(connection, { host, dialsFrom, onVainDial, patienceMs: waits.dataMs });
  }

  get connection(): Connection {
    return this.#channel.connection;
  }

  /** The server's own address on the control connection. */
  get address(): string {
    return this.connection.local.address;
  }

  /** The client's address, as the server sees it. */
  get peerAddress(): string {
    return this.connection.remote.address;
  }

  get family(): Family {
    return familyOf(this.address);
  }

  /** The last port that it listened on for data, or 0. */
  get dataPort(): number {
    return this.#data.port;
  }

  get hostPort(): string {
    return hostPort({ address: this.address, port: this.dataPort });
  }

  /** Serves until either end closes. Never rejects for what a peer does. */
  async serves(): Promise<void> {
    try {
      await (this.behaviour.begins?.(this) ?? this.replies("greeting"));
      while (!this.#over) await this.obeys(await this.nextLine());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    } finally {
      this.leaves();
    }
  }

  /** The next command line, without its end and without Telnet commands (RFC 854). Rejects when none can come. */
  async nextLine(): Promise<string> {
    const line = await this.#channel
      .line("a command", this.#waits.commandMs)
      .catch((error: unknown) => this.#endsIdle(failureFrom(error, this.#waits.commandMs)));
    const command = withoutTelnet(line.replace(/\r?\n?$/, ""));
    this.#onLine?.(`> ${command}`);
    return command;
  }

  /** A server that has waited for too long says so (RFC 959 §5.4, 421). */
  async #endsIdle(failure: Failure): Promise<never> {
    if (failure.kind === "silence") await this.replies("idle");
    throw failure;
  }

  /** An empty line is no command (vsftpd Changelog: clients that send CR CR LF, or blank lines). */
  async obeys(line: string): Promise<void> {
    if (line === "") return;
    const [, verb = "", argument = ""] = /^(\S*)\s?(.*)$/s.exec(line) ?? [];
    const name = verb.toUpperCase();
    const own = this.behaviour.commands?.[name];
    if (own !== undefined) await own(this, argument);
    else await this.obeysPlainly(name, argument);
  }

  /** As a server without this quirk does. */
  async obeysPlainly(verb: string, argument = ""): Promise<void> {
    const handler = this.#plainCommands[verb];
    if (handler !== undefined) await handler(this, argument);
    else await this.replies(verb in this.#replies ? verb : "unknown", argument);
  }

  /** The reply of that name: the quirk's, or the plain one. */
  async replies(name: string, argument = ""): Promise<void> {
    const reply = this.#replies[name] ?? null;
    const pauseMs = this.behaviour.pauses?.[name];
    if (pauseMs !== undefined) await this.waits(pauseMs);
    await this.says(typeof reply === "function" ? reply(this.#place(argument)) : reply);
  }

  #place(argument: string): ReplyPlace {
    return { hostPort: this.hostPort, address: this.address, port: this.dataPort, argument, session: this };
  }

  /** Sends a line, CR LF added, or exact segments. */
  says(line: Line): Promise<void> {
    for (const one of textOf(line)
      .split(/\r?\n/)
      .filter((part) => part !== ""))
      this.#onLine?.(`< ${one}`);
    return writeLine(this.connection, this.host.clock, line, this.behaviour.writes);
  }

  waits(milliseconds: number): Promise<void> {
    return pause(this.host.clock, milliseconds);
  }

  /** Opens a port for one data connection; an earlier one closes. */
  async listensForData(port = 0): Promise<ReplyPlace> {
    this.offset = 0;
    await this.#data.listens(port);
    return this.#place("");
  }

  /** The address that a PORT or EPRT names. */
  dialsLater(to: Endpoint): void {
    this.offset = 0;
    this.#data.dialsLater(to);
  }

  /** The address in the last PORT or EPRT. */
  get named(): Endpoint | undefined {
    return this.#data.named;
  }

  /** Whether the client has named a data port, or asked for one. */
  get expectsData(): boolean {
    return this.isPassive || this.named !== undefined;
  }

  get isPassive(): boolean {
    return this.#data.isPassive;
  }

  /** Accepts or dials the data connection that was negotiated. Rejects with Failure when there is none in time. */
  opensData(): Promise<DataConnection> {
    return this.#data.opens();
  }

  /** Dials a port of the client's machine, if only to see that nothing answers. */
  async dialsBack(port: number, patienceMs: number): Promise<void> {
    const to = { address: this.peerAddress, port };
    await DataConnection.dials(this.host, to, patienceMs).then(
      (connection) => connection.closes(),
      (error: unknown) => {
        if (!(error instanceof Failure)) throw error;
      },
    );
  }

  /** Closes its data port: who comes now is refused. */
  stopsListening(): void {
    this.#data.stopsListening();
  }

  /** Forgets the negotiated data connection. */
  forgetsData(): void {
    this.offset = 0;
    this.#data.forgets();
  }

  /** Sends bytes over the negotiated data connection, between 150 and 226 (or 425, 426). */
  transfersOut(bytes: Uint8Array): Promise<void> {
    return this.#transfers(async (data) => {
      await data.sends(bytes, this.#waits.commandMs);
      data.ends();
      data.closes();
    });
  }

  /** Gets bytes over the negotiated data connection, between 150 and 226. */
  transfersIn(keep: (bytes: Uint8Array) => void): Promise<void> {
    return this.#transfers(async (data) => {
      keep(await data.receives(this.#waits.commandMs));
      data.closes();
    });
  }

  /**
   * Opens the negotiated data connection and says 150: in passive mode the client comes before the 150, in active mode
   * the server dials after it. Without a connection it says 425 and returns undefined.
   */
  async beginsTransfer(): Promise<DataConnection | undefined> {
    try {
      const passive = this.isPassive;
      if (!passive) await this.replies("opening");
      const data = await this.opensData();
      if (passive) await this.replies("opening");
      return data;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.forgetsData();
      await this.replies("no data");
      return undefined;
    }
  }

  async #transfers(move: (data: DataConnection) => Promise<void>): Promise<void> {
    const data = await this.beginsTransfer();
    if (data === undefined) return;
    const watch = this.#watchForAbort(data);
    try {
      await move(data);
      watch.ends();
      await this.replies("done");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      watch.ends();
      await this.replies("broken");
    } finally {
      this.offset = 0;
      this.#data.finishes();
    }
  }

  /** An ABOR, or the end of the control connection, breaks the transfer off (RFC 959 §4.1.3). */
  #watchForAbort(data: DataConnection): { readonly ends: () => void } {
    this.#channel.onArrival = () => {
      if (/ABOR\r?\n/i.test(this.#channel.unread)) data.resets();
    };
    return {
      ends: () => {
        this.#channel.onArrival = undefined;
      },
    };
  }

  /** After this command no further one is read. */
  closes(): void {
    this.#over = true;
    this.connection.close();
  }

  resets(): void {
    this.#over = true;
    this.connection.reset();
  }

  leaves(): void {
    this.#over = true;
    this.#data.closes();
    this.connection.close();
  }
}
