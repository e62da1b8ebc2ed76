/**
 * One FTP session put to a rule set packet by packet: the client's connection, the proxy's, and the data connections of
 * a passive and an active transfer. What goes wrong, and which rule did it, is what checks work on.
 */

import { newNotes } from "../../pf/engine/firewall.ts";
import { isTcp, type Packet, PROTOCOL, TCP_FLAG } from "../../pf/packet.ts";
import type { Direction } from "../../pf/rule.ts";
import { DATA_PORT, type DataConnection, dataConnection, type Mode } from "./data-rules.ts";
import type { Endpoints } from "./endpoints.ts";
import { FTP } from "./rule-facts.ts";
import type { TrialFirewall, TrialResult } from "./trial-firewall.ts";

export type TrialPacketName = "control-in" | "control-out" | "passive-in" | "passive-out" | "active-in" | "active-out";

export interface TrialPacket {
  readonly name: TrialPacketName;
  readonly direction: Direction;
  readonly interface: string;
  readonly packet: Packet;
  readonly result: TrialResult;
  /** The answer to the packet, put to the rules as well, where a state does not already let it pass. */
  readonly answer?: TrialResult;
  readonly ok: boolean;
}

export interface TrialSession {
  readonly endpoints: Endpoints;
  readonly packets: readonly TrialPacket[];
  readonly ok: number;
}

export interface ProxySetup {
  readonly reverse: boolean;
  /** Where the proxy listens. */
  readonly port: number;
  /** Where clients connect to; with `-R` on OpenBSD 5.0 and later the proxy's own port. */
  readonly dialledPort: number;
  /** Until 4.9, and on FreeBSD, the proxy asks PF where a client was going: clients may not connect to it directly. */
  readonly mustRedirect: boolean;
  readonly tag?: string;
}

export function trySession(firewall: TrialFirewall, endpoints: Endpoints, setup: ProxySetup): TrialSession {
  const packets = [
    controlIn(firewall, endpoints, setup),
    controlOut(firewall, endpoints),
    ...dataPackets(firewall, endpoints, "passive", setup.tag),
    ...dataPackets(firewall, endpoints, "active", setup.tag),
  ];
  return { endpoints, packets, ok: packets.filter(({ ok }) => ok).length };
}

export const listenAddress = ({ family }: Pick<Endpoints, "family">): string =>
  family === "inet" ? "127.0.0.1" : "::1";

function controlIn(
  firewall: TrialFirewall,
  endpoints: Endpoints,
  { reverse, port, dialledPort, mustRedirect }: ProxySetup,
): TrialPacket {
  const packet = syn(endpoints, endpoints.client, 40_000, endpoints.dialled, dialledPort);
  const result = firewall.test("in", endpoints.clientInterface, packet, newNotes());
  const { divert, verdict } = result;
  const diverted = divert?.address === listenAddress(endpoints) && divert.port === port;
  const untouched = divert === undefined && result.packet.destination === endpoints.dialled;
  const redirected =
    isTcp(result.packet) &&
    result.packet.destination === listenAddress(endpoints) &&
    result.packet.destinationPort === port;
  const arrives = mustRedirect ? redirected : reverse ? diverted || untouched : diverted || redirected;
  const answer =
    result.stateful || verdict === "drop" ? undefined : answerTo(firewall, "out", endpoints.clientInterface, packet);
  return {
    name: "control-in",
    direction: "in",
    interface: endpoints.clientInterface,
    packet,
    result,
    ...(answer && { answer }),
    ok: verdict === "pass" && arrives && answer?.verdict !== "drop",
  };
}

function controlOut(firewall: TrialFirewall, endpoints: Endpoints): TrialPacket {
  const packet = syn(endpoints, endpoints.proxy, 41_000, endpoints.server, FTP);
  const result = firewall.test("out", endpoints.serverInterface, packet, newNotes());
  const answer =
    result.stateful || result.verdict === "drop"
      ? undefined
      : answerTo(firewall, "in", endpoints.serverInterface, packet);
  return {
    name: "control-out",
    direction: "out",
    interface: endpoints.serverInterface,
    packet,
    result,
    ...(answer && { answer }),
    ok: result.verdict === "pass" && answer?.verdict !== "drop",
  };
}

function dataPackets(
  firewall: TrialFirewall,
  endpoints: Endpoints,
  mode: Mode,
  tag: string | undefined,
): readonly TrialPacket[] {
  firewall.loadSession(endpoints, mode, tag);
  const data = dataConnection(endpoints, mode);
  const first = syn(endpoints, data.opener, mode === "active" ? 20 : 42_000, data.dialled, DATA_PORT.announced);
  const notes = newNotes();
  const arriving = firewall.test("in", data.inInterface, first, notes);
  const { packet } = arriving;
  const translated = isTcp(packet) && packet.destination === data.target && packet.destinationPort === DATA_PORT.real;
  const inOk = arriving.verdict === "pass" && translated;
  // If it did not come in as it should, what would the rest have done?
  const onward = inOk ? packet : syn(endpoints, data.opener, 42_000, data.target, DATA_PORT.real);
  const leaving = firewall.test("out", data.outInterface, onward, inOk ? notes : { receivedOn: data.inInterface });
  return [
    {
      name: `${mode}-in`,
      direction: "in",
      interface: data.inInterface,
      packet: first,
      result: arriving,
      ok: inOk,
    },
    {
      name: `${mode}-out`,
      direction: "out",
      interface: data.outInterface,
      packet: onward,
      result: leaving,
      ok: leaving.verdict === "pass" && hasRightSource(leaving, data, tag),
    },
  ];
}

/** A rule in the anchor of the trial session: see SESSION of trial-firewall.ts. */
export const isSessionPath = (path: string): boolean => /\/1\.1\/\d+$/.test(path);

/**
 * The proxy's own rule must have had the say; with a tag, and before 4.7, it is enough that the address is right: there
 * any other rule may pass what was translated.
 */
function hasRightSource(
  { packet, rules, translation }: TrialResult,
  { seenAs }: DataConnection,
  tag: string | undefined,
): boolean {
  if (packet.source !== seenAs) return false;
  return tag !== undefined || translation !== undefined || isSessionPath(rules.at(-1)?.path ?? "");
}

function answerTo(firewall: TrialFirewall, direction: Direction, on: string, packet: Packet): TrialResult | undefined {
  if (!isTcp(packet)) return undefined;
  const { source, destination, sourcePort, destinationPort } = packet;
  const answer = {
    ...packet,
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    flags: TCP_FLAG.S | TCP_FLAG.A,
    ack: 1,
  };
  return firewall.test(direction, on, answer, newNotes());
}

function syn(
  { family }: Endpoints,
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
): Packet {
  return {
    family,
    source,
    destination,
    ttl: 64,
    tos: 0,
    protocol: PROTOCOL.tcp,
    sourcePort,
    destinationPort,
    flags: TCP_FLAG.S,
    seq: 0,
    ack: 0,
    window: 16384,
    payload: new Uint8Array(0),
  };
}
