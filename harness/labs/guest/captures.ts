/**
 * The packets that tcpdump(8) captures on the guest's firewall: on both networks, and on pflog0 those that PF has blocked.
 * It runs while the networks are up, for one play after the other.
 *
 * @example
 * const captures = await startCaptures({ tools, system, tell, onEnd });
 * await captures.stop();
 */

import type { Process } from "../../../proxy/host.ts";
import type { AgentHost } from "../../agent/runner/agent-host.ts";
import { decode } from "../../net/wire/decode.ts";
import type { Packet } from "../../pf/packet.ts";
import { FIREWALL } from "../model/topology.ts";
import type { NetworkName } from "../netns/layout.ts";
import type { GuestSystem } from "./guest-system.ts";
import { ipBytes, LINK_TYPE, type PflogEntry, pflogEntry } from "./link-layer.ts";
import { type PcapRecord, PcapStream } from "./pcap-stream.ts";

export type Captured =
  | {
      readonly kind: "packet";
      readonly network: NetworkName;
      readonly atMicroseconds: number;
      /** From the IP header on. */
      readonly bytes: Uint8Array;
      readonly packet: Packet;
    }
  | {
      readonly kind: "logged";
      readonly atMicroseconds: number;
      readonly entry: PflogEntry;
      readonly packet: Packet;
    };

export interface CapturesOptions {
  readonly tools: AgentHost;
  readonly system: GuestSystem;
  readonly tell: (captured: Captured) => void;
  /** From now on nothing is seen of a network: its interface is gone, or tcpdump has been killed. */
  readonly onEnd: (why: string) => void;
}

export interface Captures {
  /** Settles when they have ended. */
  stop(): Promise<void>;
}

/** More than the longest packet with any header before it. */
const SNAP_LENGTH = 2_048;
const LOG_INTERFACE = "pflog0";
/** tcpdump says on its standard error that it listens. */
const START_PATIENCE_MS = 10_000;

/** tcpdump does not run; the message says what it answered. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
}

/** They end with the agent, if not before. */
export async function startCaptures(options: CapturesOptions): Promise<Captures> {
  const { inside, outside } = options.system.interfaces;
  let stopping = false;
  const wires = await Promise.all([
    follow(options, outside, (record) => fromWire(record, "outside")),
    follow(options, inside, (record) => fromWire(record, "inside")),
  ]);
  for (const [place, name] of [outside, inside].entries()) {
    void wires[place]?.exited.then((status) => {
      if (!stopping) options.onEnd(`tcpdump -i ${name}: ended with status ${status}`);
    });
  }
  // A kernel may lack it: then PF's drops are unknown.
  const log = await follow(options, LOG_INTERFACE, fromLog).catch(() => undefined);
  return {
    async stop() {
      stopping = true;
      const all = log === undefined ? wires : [...wires, log];
      for (const child of all) child.kill("SIGTERM");
      await Promise.all(all.map(({ exited }) => exited));
    },
  };
}

async function follow(
  { tools, system, tell }: CapturesOptions,
  interfaceName: string,
  read: (record: PcapRecord) => Captured | undefined,
): Promise<Process> {
  const args = [...["-n", ...system.promptCapture, "-s", String(SNAP_LENGTH)], ...["-w", "-", "-i", interfaceName]];
  const child = await tools.spawn("tcpdump", args);
  const stream = new PcapStream();
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new CaptureError(`tcpdump -i ${interfaceName}: ${why}`));
    const timer = tools.clock.after(START_PATIENCE_MS, () => fail("does not begin"));
    child.onOutput((name, bytes) => {
      if (name === "stderr") said += Buffer.from(bytes).toString();
      else for (const record of stream.add(bytes)) pass(read(record), tell);
      if (name === "stdout" || said.includes("listening on")) {
        timer.cancel();
        resolve();
      }
    });
    void child.exited.then((status) => fail(said.trim().split("\n").at(-1) || `status ${status}`));
  });
  return child;
}

const pass = (captured: Captured | undefined, tell: (captured: Captured) => void): void => {
  if (captured !== undefined) tell(captured);
};

function fromWire({ linkType, bytes, atMicroseconds }: PcapRecord, network: NetworkName): Captured | undefined {
  const ip = ipBytes(linkType, bytes);
  const decoded = ip === undefined ? undefined : decode(ip);
  if (ip === undefined || decoded?.ok !== true) return undefined;
  return { kind: "packet", network, atMicroseconds, bytes: ip, packet: decoded.packet };
}

function fromLog({ linkType, bytes, atMicroseconds }: PcapRecord): Captured | undefined {
  const entry = linkType === LINK_TYPE.pflog ? pflogEntry(bytes) : undefined;
  const decoded = entry === undefined ? undefined : decode(entry.packet);
  if (entry === undefined || decoded?.ok !== true) return undefined;
  return { kind: "logged", atMicroseconds, entry, packet: decoded.packet };
}

/** The beginnings of the networks' addresses, which are always printed alike. */
const BEGINS: Readonly<Record<NetworkName, readonly string[]>> = {
  inside: ["10.0.0.", "2001:db8:1::"],
  outside: ["198.51.100.", "2001:db8:2::"],
};

/** The direction by the addresses, which tcpdump(8) does not report. Undefined: from neighbour to neighbour. */
export function sideOf({ source, destination }: Packet, network: NetworkName): "in" | "out" | undefined {
  const isNeighbour = (address: string) =>
    BEGINS[network].some((prefix) => address.startsWith(prefix)) && !isFirewall(address, network);
  if (!isNeighbour(source)) return "out";
  return isNeighbour(destination) ? undefined : "in";
}

const isFirewall = (address: string, network: NetworkName): boolean =>
  Object.values(FIREWALL[network]).includes(address);

export function networkOf(name: string, interfaces: Readonly<Record<NetworkName, string>>): NetworkName | undefined {
  if (name === interfaces.inside) return "inside";
  return name === interfaces.outside ? "outside" : undefined;
}
