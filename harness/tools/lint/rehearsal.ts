/**
 * One FTP session put to a rule set packet by packet: the client's connection, the proxy's, and the data connections of
 * a passive and an active transfer. What goes wrong, and which rule did it, is what checks work on.
 */

import { newNotes } from "../../pf/engine/firewall.ts";
import { isTcp, type Packet, PROTOCOL, TCP_FLAG } from "../../pf/packet.ts";
import type { Direction } from "../../pf/rule.ts";
import type { Cast } from "./cast.ts";
import { DATA_PORT, type DataConnection, dataConnection, type Mode } from "./data-rules.ts";
import type { Gate, Judged } from "./gate.ts";
import { FTP } from "./rule-facts.ts";

export type StepName = "control-in" | "control-out" | "passive-in" | "passive-out" | "active-in" | "active-out";

export interface Step {
  readonly name: StepName;
  readonly direction: Direction;
  readonly interface: string;
  readonly packet: Packet;
  readonly judged: Judged;
  /** The answer to the packet, put to the rules as well, where a state does not already let it pass. */
  readonly answer?: Judged;
  readonly fine: boolean;
}

export interface Rehearsal {
  readonly cast: Cast;
  readonly steps: readonly Step[];
  readonly fine: number;
}

export interface Manner {
  readonly reverse: boolean;
  /** Where the proxy listens. */
  readonly port: number;
  /** Where clients connect to; with `-R` on OpenBSD 5.0 and later the proxy's own port. */
  readonly dialledPort: number;
  /** Until 4.9, and on FreeBSD, the proxy asks PF where a client was going: nobody may come to it directly. */
  readonly mustRedirect: boolean;
  readonly tag?: string;
}

export function rehearse(gate: Gate, cast: Cast, manner: Manner): Rehearsal {
  const steps = [
    controlIn(gate, cast, manner),
    controlOut(gate, cast),
    ...dataSteps(gate, cast, "passive", manner.tag),
    ...dataSteps(gate, cast, "active", manner.tag),
  ];
  return { cast, steps, fine: steps.filter(({ fine }) => fine).length };
}

export const listenAddress = ({ family }: Pick<Cast, "family">): string => (family === "inet" ? "127.0.0.1" : "::1");

function controlIn(gate: Gate, cast: Cast, { reverse, port, dialledPort, mustRedirect }: Manner): Step {
  const packet = syn(cast, cast.client, 40_000, cast.dialled, dialledPort);
  const judged = gate.test("in", cast.clientInterface, packet, newNotes());
  const { divert, verdict } = judged;
  const diverted = divert?.address === listenAddress(cast) && divert.port === port;
  const untouched = divert === undefined && judged.packet.destination === cast.dialled;
  const redirected =
    isTcp(judged.packet) && judged.packet.destination === listenAddress(cast) && judged.packet.destinationPort === port;
  const arrives = mustRedirect ? redirected : reverse ? diverted || untouched : diverted || redirected;
  const answer =
    judged.stateful || verdict === "drop" ? undefined : answerTo(gate, "out", cast.clientInterface, packet);
  return {
    name: "control-in",
    direction: "in",
    interface: cast.clientInterface,
    packet,
    judged,
    ...(answer && { answer }),
    fine: verdict === "pass" && arrives && answer?.verdict !== "drop",
  };
}

function controlOut(gate: Gate, cast: Cast): Step {
  const packet = syn(cast, cast.proxy, 41_000, cast.server, FTP);
  const judged = gate.test("out", cast.serverInterface, packet, newNotes());
  const answer =
    judged.stateful || judged.verdict === "drop" ? undefined : answerTo(gate, "in", cast.serverInterface, packet);
  return {
    name: "control-out",
    direction: "out",
    interface: cast.serverInterface,
    packet,
    judged,
    ...(answer && { answer }),
    fine: judged.verdict === "pass" && answer?.verdict !== "drop",
  };
}

function dataSteps(gate: Gate, cast: Cast, mode: Mode, tag: string | undefined): readonly Step[] {
  gate.loadSession(cast, mode, tag);
  const data = dataConnection(cast, mode);
  const first = syn(cast, data.opener, mode === "active" ? 20 : 42_000, data.dialled, DATA_PORT.announced);
  const notes = newNotes();
  const arriving = gate.test("in", data.inInterface, first, notes);
  const { packet } = arriving;
  const translated = isTcp(packet) && packet.destination === data.target && packet.destinationPort === DATA_PORT.real;
  const inFine = arriving.verdict === "pass" && translated;
  // If it did not come in as it should, what would the rest have done?
  const onward = inFine ? packet : syn(cast, data.opener, 42_000, data.target, DATA_PORT.real);
  const leaving = gate.test("out", data.outInterface, onward, inFine ? notes : { receivedOn: data.inInterface });
  return [
    {
      name: `${mode}-in`,
      direction: "in",
      interface: data.inInterface,
      packet: first,
      judged: arriving,
      fine: inFine,
    },
    {
      name: `${mode}-out`,
      direction: "out",
      interface: data.outInterface,
      packet: onward,
      judged: leaving,
      fine: leaving.verdict === "pass" && isSeenRight(leaving, data, tag),
    },
  ];
}

/** A rule in the anchor that the rehearsal loads the proxy's rules into: see SESSION of gate.ts. */
export const isSessionPath = (path: string): boolean => /\/1\.1\/\d+$/.test(path);

/**
 * The proxy's own rule must have had the say; with a tag, and before 4.7, it is enough that the address is right: there
 * any other rule may pass what was translated.
 */
function isSeenRight(
  { packet, rules, translation }: Judged,
  { seenAs }: DataConnection,
  tag: string | undefined,
): boolean {
  if (packet.source !== seenAs) return false;
  return tag !== undefined || translation !== undefined || isSessionPath(rules.at(-1)?.path ?? "");
}

function answerTo(gate: Gate, direction: Direction, on: string, packet: Packet): Judged | undefined {
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
  return gate.test(direction, on, answer, newNotes());
}

function syn(
  { family }: Cast,
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
