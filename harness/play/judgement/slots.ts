/**
 * Counts the proxy's session slots after the session: it was started with a limit (`-m`), and as many new clients at
 * once must each get a greeting of the server, on whose host the harness listens then. A client that the proxy accepts,
 * and for whom it does not even dial the server, finds no free slot: a session that is over still takes one.
 *
 * @example
 * await countSlots({ lab, family, roles, limit: 2 }) // { kind: "counted", limit: 2, accepted: 2, served: 1 }
 */

import type { Connection, ConnectOptions, Endpoint, Listener } from "../../../proxy/host.ts";
import type { TimelineEvent } from "../../../reports/model.ts";
import type { Lab, LabEvent } from "../../contract/lab.ts";
import { CONTROL_PORT, type Roles } from "../../contract/roles.ts";
import { Change } from "../../net/time/change.ts";
import { TCP_FLAG } from "../../pf/packet.ts";
import { type Invariant, type SlotsFound, verdictsOf } from "./evidence.ts";

export interface SlotsSetting {
  readonly lab: Lab;
  readonly roles: Roles;
  /** The proxy's limit of sessions. */
  readonly limit: number;
}

/** In virtual time: a proxy gives up a silent server after 30 s. */
const PATIENCE_MS = 60_000;
const PATIENCE_ANSWERS = 3;
/** For a slot that is given up late: the anchor of its session is being emptied. */
const SECOND_LOOK_MS = 3_000;
/** For a port whose listener is about to be closed. */
const LISTEN_AGAIN_MS = 250;
const LISTEN_TRIES = 4;

const GREETING = new TextEncoder().encode("220 Ready\r\n");

/** The limit that a scenario sets itself, if any. */
export function ownLimit(proxyArgs: readonly string[]): number | undefined {
  const at = proxyArgs.indexOf("-m");
  return at < 0 ? undefined : Number(proxyArgs[at + 1]);
}

/** The most control connections that clients had at the same time, each until its first end. */
export function sessionsAtOnce(events: readonly TimelineEvent[]): number {
  const open = new Set<string>();
  let most = 0;
  for (const one of events) {
    if (one.kind !== "connection" || one.channel !== "control" || one.from !== "client") continue;
    if (one.event === "opened") most = Math.max(most, open.add(one.addresses).size);
    else open.delete(one.addresses);
  }
  return most;
}

/** Counts twice where a slot is taken at first. */
export async function countSlots(setting: SlotsSetting): Promise<SlotsFound> {
  const { lab, roles } = setting;
  const server = await listening(lab, { address: roles.server, port: CONTROL_PORT });
  if (server === undefined) return { kind: "not-counted", reason: "the server's port is still in use" };
  try {
    const first = await count(setting);
    if (first.served >= first.accepted) return first;
    await (lab.pace?.quiet(SECOND_LOOK_MS) ?? pause(lab, SECOND_LOOK_MS));
    return await count(setting);
  } finally {
    server.close();
  }
}

const pause = (lab: Lab, milliseconds: number): Promise<void> =>
  new Promise((resolve) => void lab.hosts.client.clock.after(milliseconds, resolve));

/** A server that greets and closes when its client does. */
async function listening(lab: Lab, at: Endpoint): Promise<Listener | undefined> {
  const { server } = lab.hosts;
  for (let tries = 1; tries <= LISTEN_TRIES; tries++) {
    try {
      return await server.listen(at, (connection) => {
        connection.write(GREETING);
        connection.handle({ onEnd: () => connection.close() });
      });
    } catch {
      await pause(lab, LISTEN_AGAIN_MS);
    }
  }
  return undefined;
}

async function count({ lab, roles, limit }: SlotsSetting): Promise<Extract<SlotsFound, { kind: "counted" }>> {
  const dials = new Dials(roles.server);
  lab.observe((event) => dials.add(event));
  const { client } = lab.hosts;
  const change = new Change();
  const newcomers = Array.from({ length: limit }, () => new Newcomer(client.connect(dialling(lab, roles)), change));
  const settled = () => newcomers.every(({ state }) => state === "greeted" || state === "ended");
  await change.until(settled, client.clock, lab.pace ? PATIENCE_ANSWERS * lab.pace.answerMs : PATIENCE_MS);
  const greeted = newcomers.filter(({ state }) => state === "greeted").length;
  for (const newcomer of newcomers) newcomer.leave();
  if (greeted < limit && lab.inOrder !== undefined) await lab.pace?.quiet(SECOND_LOOK_MS);
  const accepted = newcomers.filter((one) => one.accepted).length;
  return { kind: "counted", limit, accepted, served: Math.min(accepted, Math.max(greeted, dials.count)) };
}

function dialling(lab: Lab, { client, dialled }: Roles): ConnectOptions {
  const { address, port } = dialled;
  const isOther = client !== lab.hosts.client.address(client.includes(":") ? "inet6" : "inet");
  return { address, port, ...(isOther && { local: { address: client } }) };
}

/** A new client that waits for the first byte of a greeting. */
class Newcomer {
  state: "waiting" | "greeted" | "ended" = "waiting";
  accepted = false;
  readonly #connection: Connection;

  constructor(connection: Connection, change: Change) {
    this.#connection = connection;
    const become = (state: "greeted" | "ended") => {
      if (this.state === "waiting") this.state = state;
      change.happened();
    };
    connection.handle({
      onConnect: () => {
        this.accepted = true;
      },
      onData: () => become("greeted"),
      onEnd: () => become("ended"),
      onClose: () => become("ended"),
    });
  }

  leave(): void {
    this.#connection.handle({});
    this.#connection.close();
  }
}

/** How often the firewall has dialled the server's control port, let out by PF or not. */
class Dials {
  readonly #server: string;
  readonly #sources = new Set<string>();

  constructor(server: string) {
    this.#server = server;
  }

  get count(): number {
    return this.#sources.size;
  }

  add(event: LabEvent): void {
    if ((event.kind !== "packet" && event.kind !== "drop") || event.direction !== "out") return;
    const { packet } = event;
    if (!("flags" in packet) || (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) !== TCP_FLAG.S) return;
    if (packet.destination !== this.#server || packet.destinationPort !== CONTROL_PORT) return;
    this.#sources.add(`${packet.source}|${packet.sourcePort}`);
  }
}

/** 1b. After the session, no session slot is taken. */
export const slotsFree: Invariant = ({ slots, terminates, timeline, roles, anchorsAfter }) => {
  const { held, broken, doesNotApply } = verdictsOf("slots-free", "No session slot is taken after the session");
  if (!terminates) return doesNotApply("the subject has no session slots");
  if (slots.kind === "not-counted") return doesNotApply(slots.reason);
  const { limit, accepted, served } = slots;
  if (accepted === 0) return doesNotApply("no new client reaches the proxy");
  const dialled = timeline.connections.all.some(
    ({ opener, target }) => timeline.party(opener.address) === "proxy" && target.address === roles.server,
  );
  if (served === 0 && !dialled) return doesNotApply("the proxy dials no server for any client");
  // A session that still has rules is not over for the proxy; empty-after reports it.
  const unended = [...anchorsAfter.values()].filter((rules) => rules.length > 0).length;
  const taken = accepted - served - unended;
  return taken > 0
    ? broken(`with -m ${limit}, not all of ${limit} new clients at once found a free one`)
    : held(`with -m ${limit}, ${served} of ${limit} new clients at once found a free one`);
};
