/**
 * A session of a plain or quirky client: connects, logs in, does its errands, quits. It remembers what came of each
 * errand, as the person at the client sees it. A quirk replaces the text of a command, how lines are written, or what
 * the client does.
 *
 * @example
 * const client = new ClientSession(host, { server, family: "inet", behaviour: {}, waits });
 * await client.runs([{ what: "fetch", mode: "passive" }]);
 * client.errands; // [{ what: "log in", verdict: "done" }, { what: "fetch", name: "file.bin", verdict: "done", … }]
 */

import { ConnectionError, type Endpoint, type Host } from "../../../proxy/host.ts";
import type { Errand } from "../../../reports/model.ts";
import type { Wish } from "../../contract/errands.ts";
import type { Mode } from "../../contract/scenario.ts";
import { CONTENTS, FETCHED, STORED } from "../files.ts";
import {
  extendedHostPort,
  hostPort,
  longHostPort,
  parseExtendedPassive,
  parseHostPort,
  parseLongHostPort,
} from "../script/addresses.ts";
import {
  type Answer,
  ClientDialogue,
  type CommandPlace,
  type DialogueBehaviour,
  type DialogueOptions,
} from "./client-dialogue.ts";
import { DataConnection } from "./data-connection.ts";
import { Failure, failureOf } from "./failure.ts";
import { Incoming } from "./incoming.ts";

/** In what a quirky client differs from the plain one. */
export interface ClientBehaviour extends DialogueBehaviour {
  /** Command lines whose replies do not matter to it. After the login the plain client asks for `TYPE I`. */
  readonly asks?: Partial<Readonly<Record<"beforeLogin" | "afterLogin" | "beforeTransfer", readonly string[]>>>;
  /**
   * Commands that ask for a data connection, one after the other until one is accepted. None at all: the client
   * listens on the port of its control connection (RFC 959 §3.2).
   */
  readonly negotiation?: readonly string[];
  /** How it asks by that command and learns where to open the data connection, in place of the plain way. */
  readonly negotiates?: (client: ClientSession, command: string) => Promise<unknown>;
  /** The port on which it waits for data in active mode. Default: any. */
  readonly dataPort?: number;
  /** Why it takes no data from that peer in active mode; undefined if it takes them. */
  readonly refusesData?: (peer: Endpoint, client: ClientSession) => string | undefined;
  /** The whole session, in place of the plain one. */
  readonly does?: (client: ClientSession, errands: readonly Wish[]) => Promise<void>;
  /** One transfer after the negotiation, in place of the plain one. Resolves to its bytes, where it counts them. */
  readonly transfers?: (client: ClientSession, wish: Wish) => Promise<unknown>;
}

/** Commands that ask for a data connection; `EPSV ALL` is none (RFC 2428 §4). */
const NEGOTIATION = /^(PASV|EPSV|PORT|EPRT|LPRT|LPSV|CPSV|SPSV)(?=[\r\n]|$|[ \t](?!ALL))/gim;

export interface ClientOptions extends DialogueOptions {
  readonly behaviour: ClientBehaviour;
  readonly user?: string;
  readonly password?: string;
  /** Hears that it dialled for data and did not get through. */
  readonly onVainDial?: () => void;
  /** Hears of each errand as soon as it is known what came of it. */
  readonly onErrand?: (errand: Errand) => void;
}

/** The name of the file that an errand is about. */
function fileOf({ what, name }: Wish): string | undefined {
  if (what === "fetch") return name ?? FETCHED;
  return what === "store" ? (name ?? STORED) : undefined;
}

type Way = { readonly to: Endpoint } | { readonly from: Incoming };

export class ClientSession extends ClientDialogue {
  override readonly options: ClientOptions;
  readonly errands: Errand[] = [];
  #incoming: Incoming | undefined;
  /** Negotiation commands of the current errand. */
  #negotiation: string[] = [];
  #way: Way | undefined;

  constructor(host: Host, options: ClientOptions) {
    super(host);
    this.options = options;
  }

  protected override wrote(text: string): void {
    for (const [, verb = ""] of text.matchAll(NEGOTIATION)) this.#negotiation.push(verb.toUpperCase());
  }

  /** The whole session. Never rejects for what a peer or a firewall does: `errands` has it. */
  async runs(wishes: readonly Wish[]): Promise<void> {
    try {
      if (this.options.behaviour.does !== undefined) await this.options.behaviour.does(this, wishes);
      else await this.doesPlainly(wishes);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#givesUp(error, wishes);
    } finally {
      this.leaves();
    }
  }

  async doesPlainly(wishes: readonly Wish[]): Promise<void> {
    const { beforeLogin, afterLogin = ["TYPE I"] } = this.options.behaviour.asks ?? {};
    await this.connects();
    await this.#asksAll(beforeLogin);
    await this.logsIn();
    await this.#asksAll(afterLogin);
    for (const wish of wishes) await this.does(wish);
    await this.quits();
  }

  async #asksAll(lines: readonly string[] = []): Promise<void> {
    for (const line of lines) {
      const [verb = "", ...rest] = line.split(" ");
      await this.asks(verb, rest.join(" "));
    }
  }

  #givesUp({ message }: Failure, wishes: readonly Wish[]): void {
    if (!this.errands.some(({ what }) => what === "log in")) {
      this.keeps({ what: "log in", verdict: "failed", notice: message });
    }
    const open = wishes.slice(this.errands.length - 1);
    for (const { what } of open) this.keeps({ what, verdict: "not-tried" });
  }

  /** Remembers what came of an errand. */
  keeps(errand: Errand): void {
    this.errands.push(errand);
    this.options.onErrand?.(errand);
  }

  /** Dials, and waits for the greeting. */
  async connects(): Promise<Answer> {
    await this.dials();
    return this.greeted();
  }

  async logsIn(): Promise<void> {
    const { user = "anonymous", password = "guest@example.org" } = this.options;
    let answer = await this.asks("USER", user);
    if (answer.code === 331) answer = await this.asks("PASS", password);
    if (answer.code >= 300) throw new Failure("reply", answer.text);
    this.keeps({ what: "log in", verdict: "done" });
  }

  /** Does one errand; remembers what came of it. Rejects only when the session cannot go on. */
  async does(wish: Wish): Promise<void> {
    this.#negotiation = [];
    const name = fileOf(wish);
    const errand = { what: wish.what, ...(name !== undefined && { name }) };
    const keep = (rest: Omit<Errand, "what" | "name">) =>
      this.keeps({ ...errand, ...(this.#negotiation.length > 0 && { negotiation: this.#negotiation }), ...rest });
    try {
      await this.#asksAll(this.options.behaviour.asks?.beforeTransfer);
      if (wish.what === "talk") {
        const answer = await this.asks("NOOP");
        keep({ verdict: answer.code < 400 ? "done" : "failed", ...(answer.code >= 400 && { notice: answer.text }) });
        return;
      }
      keep(await this.#attempts(wish));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      keep({ verdict: "failed", notice: error.message });
      if (this.isGone) throw error;
    }
  }

  /** Each negotiation command in turn, until a transfer is whole. */
  async #attempts(wish: Wish): Promise<Pick<Errand, "bytes" | "of" | "verdict">> {
    const { negotiation, transfers } = this.options.behaviour;
    const commands = negotiation ?? this.plainNegotiation(wish.mode ?? "passive");
    let failure: Failure | undefined;
    for (const command of commands.length === 0 ? [undefined] : commands) {
      try {
        if (command === undefined) await this.listensForData(this.connection.local.port);
        else await this.#asksForData(command);
        const bytes = await (transfers === undefined ? this.transfers(wish) : transfers(this, wish));
        return {
          ...(typeof bytes === "number" && { bytes, of: bytes }),
          verdict: failure === undefined ? "done" : "detour",
        };
      } catch (error) {
        if (!(error instanceof Failure) || this.isGone) throw error;
        failure = error;
      } finally {
        this.#incoming?.close();
      }
    }
    throw failure ?? new Failure("other", "no way to ask for a data connection");
  }

  async #asksForData(command: string): Promise<void> {
    const before = this.#negotiation.length;
    await (this.options.behaviour.negotiates?.(this, command) ?? this.negotiates(command));
    // A quirk may write it so that it is hardly one.
    if (this.#negotiation.length === before) this.#negotiation.push(command);
  }

  plainNegotiation(mode: Mode): readonly [string] {
    if (mode === "passive") return [this.passive];
    return [this.options.family === "inet6" ? "EPRT" : "PORT"];
  }

  /** Asks for a data connection by that command, and knows afterwards how to open it. */
  async negotiates(command: string): Promise<Answer> {
    const active = /^(PORT|EPRT|LPRT)$/.test(command);
    if (active) await this.listensForData();
    const answer = await this.asks(command, this.argumentOf(command));
    if (answer.code >= 300) throw new Failure("reply", answer.text);
    if (active) return answer;
    this.dialsAsToldIn(answer);
    return answer;
  }

  /** Takes the address in a 227 or 228, or the port in a 229. */
  dialsAsToldIn({ lines, text }: Answer): void {
    const reply = lines.join(" ");
    const port = /^229/.test(text) ? parseExtendedPassive(reply) : undefined;
    const named = /^228/.test(text) ? parseLongHostPort(reply) : parseHostPort(reply);
    const to = port === undefined ? named : { address: this.options.server.address, port };
    if (to === undefined) throw new Failure("other", `cannot read a port in "${text}"`);
    this.#way = { to };
  }

  async listensForData(port = this.options.behaviour.dataPort ?? 0): Promise<Endpoint> {
    this.#incoming?.close();
    const { address } = this.connection.local;
    const incoming = await Incoming.listens(this.host, { address, port }).catch((error: unknown) => {
      throw error instanceof ConnectionError ? failureOf(error, 0) : error;
    });
    this.#incoming = incoming;
    this.#way = { from: incoming };
    return incoming.endpoint;
  }

  /** What PORT, EPRT or LPRT says of the port on which it listens. */
  argumentOf(command: string): string {
    const { hostPort: port, extendedHostPort: extended, address, port: number } = this.place("");
    if (command === "LPRT") return longHostPort({ address, port: number });
    return command === "PORT" ? port : command === "EPRT" ? extended : "";
  }

  protected override place(argument: string): CommandPlace {
    const { address } = this.connection.local;
    const port = this.#incoming?.endpoint.port ?? 0;
    return {
      ...{ argument, address, port, passive: this.passive },
      hostPort: hostPort({ address, port }),
      extendedHostPort: extendedHostPort(this.options.family, { address, port }),
    };
  }

  /** The transfer command, the data connection, the replies. Returns the bytes that went over. */
  async transfers(wish: Wish): Promise<number> {
    const { what } = wish;
    const verb = what === "list" ? "LIST" : what === "fetch" ? "RETR" : "STOR";
    const passive = this.#way !== undefined && "to" in this.#way ? await this.opensData() : undefined;
    try {
      const opening = await this.asks(verb, fileOf(wish));
      if (opening.code >= 300) throw new Failure("reply", opening.text);
      const data = passive ?? (await this.opensData());
      const bytes = what === "store" ? await this.#stores(data) : await this.fetches(data, wish);
      const done = opening.code >= 200 ? opening : await this.answer();
      if (done.code >= 300) throw new Failure("reply", done.text);
      return bytes;
    } catch (error) {
      passive?.resets();
      throw error;
    }
  }

  /** Dials the port that the server named, or accepts the server. */
  async opensData(): Promise<DataConnection> {
    const { waits, from } = this.options;
    const way = this.#way;
    if (way === undefined) throw new Failure("other", "no data connection was asked for");
    if ("from" in way) return this.#accepts(way.from);
    const local = from === undefined ? {} : { local: { address: from } };
    try {
      return await DataConnection.dials(this.host, { ...way.to, ...local }, waits.connectMs);
    } catch (error) {
      this.options.onVainDial?.();
      throw error;
    }
  }

  /** Waits for the server's data connection, or its word that none will come. */
  async #accepts(incoming: Incoming): Promise<DataConnection> {
    const refuses = () => /^[45]\d\d /m.test(this.channel.unread);
    this.channel.onArrival = () => refuses() && incoming.close();
    this.channel.onArrival();
    const data = await incoming.accepts(this.options.waits.replyMs).catch(async (error) => {
      throw refuses() ? new Failure("reply", (await this.answer()).text) : error;
    });
    this.channel.onArrival = undefined;
    const refusal = this.options.behaviour.refusesData?.(data.connection.remote, this);
    if (refusal === undefined) return data;
    data.resets();
    await this.answer();
    throw new Failure("other", refusal);
  }

  /** All bytes of a file or listing. Rejects with Failure when they are not the right ones. */
  async fetches(data: DataConnection, { what, unknown }: Wish): Promise<number> {
    const bytes = await data.receives(this.options.waits.replyMs);
    data.closes();
    if (what === "fetch" && unknown !== true && Buffer.compare(bytes, CONTENTS) !== 0) {
      throw new Failure("incomplete", `data incomplete: ${bytes.length} of ${CONTENTS.length} bytes`);
    }
    return bytes.length;
  }

  /** Fetches, sends `interrupt` after the first bytes, and reads the replies to both. Returns the bytes that came. */
  async breaksOff(interrupt: () => Promise<void>): Promise<number> {
    const data = await this.opensData();
    await this.asks("RETR", FETCHED);
    await data.has(1, this.options.waits.replyMs);
    await interrupt();
    await this.answer();
    await this.answer();
    data.closes();
    return data.bytes;
  }

  async #stores(data: DataConnection): Promise<number> {
    await data.sends(CONTENTS, this.options.waits.replyMs);
    data.ends();
    return CONTENTS.length;
  }

  /** QUIT, and the server's goodbye. A session that is over already needs none. */
  async quits(): Promise<void> {
    if (this.isGone) return;
    await this.asks("QUIT").catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
    });
  }

  leaves(): void {
    this.#incoming?.close();
    this.hangsUp();
  }
}
