/**
 * The control connection of a plain or quirky client: commands in their quirky or plain text, and whole replies.
 *
 * @example
 * await client.dials();
 * (await client.asks("SYST")).code; // 215
 */

import type { Connection, Endpoint, Host } from "../../../proxy/host.ts";
import type { Family } from "../../pf/packet.ts";
import { ControlChannel, toBytes, withoutTelnet } from "../script/control-channel.ts";
import { DataConnection } from "./data-connection.ts";
import { Failure, failureFrom } from "./failure.ts";
import { type Line, pause, textOf, type Writes, writeLine } from "./writing.ts";

/** What a command's text may depend on. */
export interface CommandPlace {
  readonly argument: string;
  readonly address: string;
  /** The passive command of the family. */
  readonly passive: "PASV" | "EPSV";
  /** The client's data port in the next PORT or EPRT. */
  readonly port: number;
  /** PORT's argument: `10,0,0,5,156,64`. */
  readonly hostPort: string;
  /** EPRT's argument: `|1|10.0.0.5|40000|`. */
  readonly extendedHostPort: string;
}

export type CommandText = Line | ((at: CommandPlace) => Line);

/** How a client writes. */
export interface DialogueBehaviour {
  /** The text of a command, by its verb. */
  readonly commands?: Readonly<Record<string, CommandText>>;
  readonly writes?: Writes;
}

export interface ClientWaits {
  readonly connectMs: number;
  readonly replyMs: number;
}

/** A whole reply. */
export interface Answer {
  readonly code: number;
  /** All lines, without their ends. */
  readonly lines: readonly string[];
  /** The last line. */
  readonly text: string;
}

export interface DialogueOptions {
  readonly server: Endpoint;
  readonly family: Family;
  /** The address to dial from. */
  readonly from?: string;
  readonly behaviour: DialogueBehaviour;
  readonly waits: ClientWaits;
  /** Hears each line of the dialogue: `> PASV`, `< 227 …`. */
  readonly onLine?: (line: string) => void;
}

export abstract class ClientDialogue {
  readonly host: Host;
  abstract readonly options: DialogueOptions;
  #channel: ControlChannel | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  get connection(): Connection {
    return this.channel.connection;
  }

  get channel(): ControlChannel {
    if (this.#channel === undefined) throw new Failure("other", "not connected");
    return this.#channel;
  }

  async dials(): Promise<void> {
    const { server, from, waits } = this.options;
    const local = from === undefined ? {} : { local: { address: from } };
    // DataConnection.dials waits for the handshake; the control channel takes the connection over, and what came.
    const dialled = await DataConnection.dials(this.host, { ...server, ...local }, waits.connectMs);
    this.#channel = new ControlChannel(dialled.connection, this.host.clock, dialled);
  }

  /** The passive command of the family. */
  get passive(): "PASV" | "EPSV" {
    return this.options.family === "inet" ? "PASV" : "EPSV";
  }

  /** Waits for the greeting. A 120 asks to wait for another reply (RFC 959 §5.4). */
  async greeted(): Promise<Answer> {
    let greeting = await this.answer();
    if (greeting.code === 120) greeting = await this.answer();
    if (greeting.code !== 220) throw new Failure("reply", greeting.text);
    return greeting;
  }

  /** Sends a command in its quirky or plain text. A text of null: it has been sent before, in one piece with another. */
  async sends(verb: string, argument = ""): Promise<void> {
    const { commands = {}, writes } = this.options.behaviour;
    const plain = argument === "" ? verb : `${verb} ${argument}`;
    const { [verb]: text = plain } = commands;
    await this.writes(typeof text === "function" ? text(this.place(argument)) : text, writes);
  }

  /** Sends a line, CR LF added, or exact segments. */
  async writes(line: Line, writes = this.options.behaviour.writes): Promise<void> {
    const text = textOf(line);
    this.wrote(text);
    if (line !== null) this.options.onLine?.(`> ${text.trimEnd()}`);
    await writeLine(this.connection, this.host.clock, line, writes);
  }

  /** Sends these characters; the last one as urgent data (Telnet Synch, RFC 854). */
  sendsUrgent(text: string): void {
    this.connection.writeUrgent(toBytes(text));
  }

  async asks(verb: string, argument = ""): Promise<Answer> {
    await this.sends(verb, argument);
    return this.answer();
  }

  /** The next reply (RFC 959 §4.2): lines without a code before it are skipped, as BSD's ftp(1) does. */
  async answer(patienceMs = this.options.waits.replyMs): Promise<Answer> {
    const lines: string[] = [];
    let first: string | undefined;
    for (;;) {
      const line = withoutTelnet((await this.#line(patienceMs)).replace(/\r?\n$/, ""));
      lines.push(line);
      this.options.onLine?.(`< ${line}`);
      const [, code, mark] = /^(\d{3})([ -]|$)/.exec(line) ?? [];
      if (code === undefined) continue;
      if (mark === "-") first ??= code;
      else if (first === undefined || first === code) return { code: Number(code), lines, text: line };
    }
  }

  async #line(patienceMs: number): Promise<string> {
    try {
      return await this.channel.line("a reply", patienceMs);
    } catch (error) {
      throw failureFrom(error, patienceMs);
    }
  }

  waits(milliseconds: number): Promise<void> {
    return pause(this.host.clock, milliseconds);
  }

  /** The control connection is gone, or the server has sent its FIN. */
  get isGone(): boolean {
    return this.#channel === undefined || this.#channel.ended;
  }

  hangsUp(): void {
    this.#channel?.connection.close();
  }

  /** Facts for the text of a command. */
  protected abstract place(argument: string): CommandPlace;

  /** Sees each text before it is sent. */
  protected abstract wrote(text: string): void;
}
