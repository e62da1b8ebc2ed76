/**
 * The current control connections, as seen on the client's network: client, server, user, the last line each way.
 * Independent of the subject, so it works without a proxy, too.
 *
 * @example
 * const sessions = new Sessions("inside");
 * lab.observe((event) => sessions.add(event));
 * sessions.current // [{ client: "10.0.0.5:40000", dialled: "198.51.100.7:21", user: "ftp", … }]
 */

import type { LabEvent } from "../../../contract/lab.ts";
import { CONTROL_PORT } from "../../../contract/roles.ts";
import { isTcp, TCP_FLAG, type TcpPacket } from "../../../pf/packet.ts";
import { TcpStream } from "../../../play/observation/tcp-stream.ts";

export interface Session {
  /** `address:port`, an IPv6 address in brackets. */
  readonly client: string;
  readonly dialled: string;
  readonly sinceMs: number;
  readonly state: "opening" | "open" | "closing";
  readonly user?: string;
  readonly command?: string;
  readonly reply?: string;
}

interface Direction {
  readonly stream: TcpStream;
  rest: string;
}

interface Watched {
  readonly client: string;
  readonly dialled: string;
  readonly sinceMs: number;
  readonly isn: number;
  readonly toServer: Direction;
  readonly toClient: Direction;
  state: Session["state"];
  user?: string;
  command?: string;
  reply?: string;
  encrypted: boolean;
}

/** Limit of watched connections. Beyond it the oldest is forgotten; its end may never have been seen. */
const MOST = 1_000;
/** Limit of an unfinished line, far longer than typed commands. */
const LONGEST = 1_024;

export class Sessions {
  readonly #network: "inside" | "outside";
  readonly #watched = new Map<string, Watched>();
  /** Since the lab was set up. */
  count = 0;

  /** `network`: the client's. */
  constructor(network: "inside" | "outside") {
    this.#network = network;
  }

  get current(): Session[] {
    return [...this.#watched.values()].map(({ client, dialled, sinceMs, state, user, command, reply }) => ({
      ...{ client, dialled, sinceMs, state },
      ...(user !== undefined && { user }),
      ...(command !== undefined && { command }),
      ...(reply !== undefined && { reply }),
    }));
  }

  add(event: LabEvent): void {
    if (event.kind !== "packet" || event.network !== this.#network || !isTcp(event.packet)) return;
    const { packet, direction, atMs } = event;
    if (direction === "in" && packet.destinationPort === CONTROL_PORT) this.#fromClient(packet, atMs);
    if (direction === "out" && packet.sourcePort === CONTROL_PORT) this.#fromServer(packet);
  }

  #fromClient(packet: TcpPacket, atMs: number): void {
    const client = endpoint(packet.source, packet.sourcePort);
    const dialled = endpoint(packet.destination, packet.destinationPort);
    const key = `${client} ${dialled}`;
    const opens = (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) === TCP_FLAG.S;
    let one = this.#watched.get(key);
    if (opens && one?.isn !== packet.seq) {
      one = {
        ...{ client, dialled, sinceMs: atMs, isn: packet.seq, state: "opening", encrypted: false },
        toServer: { stream: new TcpStream(), rest: "" },
        toClient: { stream: new TcpStream(), rest: "" },
      };
      this.#watched.set(key, one);
      this.count++;
      const [oldest] = this.#watched.keys();
      if (this.#watched.size > MOST && oldest !== undefined) this.#watched.delete(oldest);
    }
    if (one === undefined) return;
    for (const line of lines(one.toServer, packet)) said(one, line);
    this.#advance(key, one, packet);
  }

  #fromServer(packet: TcpPacket): void {
    const client = endpoint(packet.destination, packet.destinationPort);
    const key = `${client} ${endpoint(packet.source, packet.sourcePort)}`;
    const one = this.#watched.get(key);
    if (one === undefined) return;
    if ((packet.flags & TCP_FLAG.S) !== 0) one.state = "open";
    for (const line of lines(one.toClient, packet)) answered(one, line);
    this.#advance(key, one, packet);
  }

  #advance(key: string, one: Watched, packet: TcpPacket): void {
    const { toServer, toClient } = one;
    const over = toServer.stream.finished && toClient.stream.finished;
    if (over || (packet.flags & TCP_FLAG.R) !== 0) this.#watched.delete(key);
    else if (toServer.stream.finished || toClient.stream.finished) one.state = "closing";
  }
}

/** The whole lines that a packet completes. */
function lines(direction: Direction, packet: TcpPacket): string[] {
  for (const { bytes } of direction.stream.add(packet)) direction.rest += Buffer.from(bytes).toString("latin1");
  const whole = direction.rest.split("\n");
  direction.rest = (whole.pop() ?? "").slice(-LONGEST);
  return whole.map((line) => line.replace(/\r$/, ""));
}

/** Ignores encrypted lines after a granted AUTH, and hides passwords. */
function said(one: Watched, line: string): void {
  if (one.encrypted) return;
  const user = /^USER (.*)$/i.exec(line)?.[1];
  if (user !== undefined) one.user = user;
  one.command = line.replace(/^((?:PASS|ACCT) ).*/i, "$1…");
}

function answered(one: Watched, line: string): void {
  if (one.encrypted) return;
  one.reply = line;
  if (/^234[ -]/.test(line)) one.encrypted = true;
}

const endpoint = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
