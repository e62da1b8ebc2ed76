/**
 * One play in namespaces of the pool: a fresh PF, the packet path on the wires, a recording. When the play closes, the
 * agents drop everything that it has left open.
 */

import { fileURLToPath } from "node:url";
import type { ProcessResult } from "../../../proxy/host.ts";
import { answerPfctl } from "../../../proxy/pf/pfctl-runner.ts";
import { limited, realClock } from "../../agent/runner/real-clock.ts";
import { type FirewallPrograms, type Lab, type LabEvent, LabLost, type LabSetup } from "../../contract/lab.ts";
import { SeededRandom } from "../../net/time/random.ts";
import { decode } from "../../net/wire/decode.ts";
import { encode } from "../../net/wire/encode.ts";
import { type Recorder, Recording } from "../../net/wire/recording.ts";
import { packageFile } from "../../package.ts";
import { modelFirewall } from "../model/firewall.ts";
import { linkFaults } from "../model/link-faults.ts";
import { FIREWALL, FIREWALL_INTERFACE } from "../model/topology.ts";
import { type DivertTarget, divertRules, divertTargets } from "./divert.ts";
import { watchExpectations } from "./expectations.ts";
import { hostFirewalls } from "./host-firewall.ts";
import { forgetConnections, KernelForwarding, kernelForwards } from "./kernel-forwarding.ts";
import { KernelReasons, TRACE_TABLE } from "./kernel-reasons.ts";
import { firewallInterfaces, RECORDED_INTERFACES, recordedInterface } from "./layout.ts";
import { isCut, MTU, pieces, setMtu } from "./link-mtu.ts";
import { Links, paceOf } from "./links.ts";
import { giveBackNamespaces, takeNamespaces } from "./namespace-pool.ts";
import type { Namespaces } from "./namespaces.ts";
import { PacketPath } from "./packet-path.ts";
import { PfForwarding } from "./pf-forwarding.ts";

/** rc(8): the file of the main ruleset. */
const PF_CONF = "/etc/pf.conf";
/** Bytes of a recording in memory. */
const RECORDING_LIMIT = 32 * 1024 * 1024;
const QUIET_STEP_MS = 15;
/** Where the firewall's processes reach the model's pfctl (`--pf-socket`). */
export const PFCTL_SOCKET = { address: "127.0.0.1", port: 8022 } as const;
/** A pfctl(8) for the firewall's programs, which asks that socket. */
const PFCTL_PROGRAM = fileURLToPath(packageFile("vm/linux/pfctl"));

export interface PlayOptions {
  /** Keeps the packets; default: in memory. */
  readonly recorder?: Recorder;
  /** The firewall's files, for `pfctl -f`; default: /etc/pf.conf alone. */
  readonly readFile?: (path: string) => string | undefined;
}

export async function openPlay(setup: LabSetup, options: PlayOptions = {}): Promise<Lab> {
  const namespaces = await takeNamespaces(setup.side, setup.note);
  try {
    return await openIn(namespaces, setup, options);
  } catch (error) {
    const lost = await leave(namespaces);
    throw lost === undefined ? error : new LabLost(lost);
  }
}

async function openIn(namespaces: Namespaces, setup: LabSetup, options: PlayOptions): Promise<Lab> {
  const recording = options.recorder ?? new Recording(RECORDED_INTERFACES, RECORDING_LIMIT);
  const events = new Events();
  const model = loadModel(setup, options, recording, events);
  const divert = new Divert(namespaces, setup, model);
  await divert.update();

  const pace = paceOf(setup.link ?? {});
  const { firewall, ...players } = namespaces.hosts;
  for (const player of Object.values(players)) player.connectLimitMs = pace.connectLimitMs;
  const reasons = new KernelReasons({
    host: firewall,
    rules: setup.kernelRules ?? "",
    tell: (event) => {
      if (event.kind === "log") recording.comment(event.text);
      events.tell(event);
    },
    now: realClock.now,
  });
  const wires = await connectWires(namespaces, setup, { model, divert, recording, events, reasons });
  const filters = hostFirewalls(namespaces);

  const pfctl = async (args: readonly string[], stdin = ""): Promise<ProcessResult> => {
    const result = model.pfctl(args, stdin);
    if (!args.includes("-a")) await divert.update();
    return result;
  };
  firewall.programs = { pfctl };
  firewall.log = (level, text) => {
    recording.comment(`log: ${text}`);
    events.tell({ kind: "log", atMs: realClock.now(), level, text });
  };
  const byKernel = setup.kernelRules !== undefined;
  if (byKernel) {
    await tellExpectations(namespaces, recording, events);
    await reasons.start();
  } else await firewall.listen(PFCTL_SOCKET, (connection) => answerPfctl(connection, pfctl));

  return {
    name: "netns",
    hosts: namespaces.hosts,
    firewall: {
      ...FIREWALL,
      pfctl,
      ...(byKernel ? {} : { pfctlSocket: PFCTL_SOCKET, programs: programsOn(namespaces, setup.note) }),
    },
    pace: {
      answerMs: pace.answerMs,
      async quiet(limitMs) {
        await events.quiet(pace.quietMs, limitMs);
        if (byKernel) await reasons.finish();
      },
    },
    observe: (observer) => void events.observers.push(observer),
    run: (promise, { limitMs }) =>
      limited(promise, { limitMs, signal: setup.signal, onLost: (lose) => onLost(namespaces, lose) }),
    capture: async () => recording.bytes(),
    async close() {
      const lost = await leave(namespaces, async () => {
        wires.close();
        await filters.clear();
      });
      if (lost !== undefined) throw new LabLost(lost);
    },
  };
}

function programsOn(namespaces: Namespaces, note: LabSetup["note"]): FirewallPrograms {
  return {
    pfctl: PFCTL_PROGRAM,
    async listens(at) {
      const found = namespaces.listener("firewall", at);
      if (found === "not-diverted") {
        note?.(
          `the listener at ${at.address} port ${at.port} cannot be made transparent (pidfd_getfd, which a container ` +
            "has with --cap-add SYS_PTRACE): diverted connections reach it only if the program sets IP_TRANSPARENT",
        );
      }
      return found !== "none";
    },
  };
}

/** The observers of a play, and the time of the last event or packet. */
class Events {
  readonly observers: ((event: LabEvent) => void)[] = [];
  lastMs = 0;

  tell(event: LabEvent): void {
    this.lastMs = event.atMs;
    for (const observer of this.observers) observer(event);
  }

  /** Settles when nothing has happened for `quietMs`, or after the limit. */
  async quiet(quietMs: number, limitMs: number): Promise<void> {
    const begin = realClock.now();
    while (realClock.now() < begin + limitMs && realClock.now() - Math.max(begin, this.lastMs) < quietMs) {
      await new Promise<void>((resolve) => void realClock.after(QUIET_STEP_MS, resolve));
    }
  }
}

type Model = ReturnType<typeof modelFirewall>;

/** Throws when the pf.conf does not load. */
function loadModel(setup: LabSetup, options: PlayOptions, recording: Recorder, events: Events): Model {
  const random = new SeededRandom(setup.seed).stream("pf");
  const model = modelFirewall({
    era: setup.era,
    interfaces: firewallInterfaces(),
    now: realClock.now,
    random: (below) => random.below(below),
    readFile: options.readFile ?? ((path) => (path === PF_CONF ? setup.pfConf : undefined)),
    network: (name) => (name === FIREWALL_INTERFACE.inside ? "inside" : "outside"),
    tell: (event) => events.tell(event),
    comment: (text, about) => recording.comment(text, about),
  });
  model.loadPfConf(PF_CONF);
  return model;
}

/** The nft(8) rules by which the firewall's kernel takes what PF's rules divert. */
class Divert {
  targets: DivertTarget[] = [];
  readonly #namespaces: Namespaces;
  readonly #kernelRules: string | undefined;
  readonly #model: Model;

  constructor(namespaces: Namespaces, { kernelRules }: LabSetup, model: Model) {
    this.#namespaces = namespaces;
    this.#kernelRules = kernelRules;
    this.#model = model;
  }

  /** After a change of PF's rules. */
  async update(): Promise<void> {
    const { firewall } = this.#model;
    const anchors = ["", ...firewall.anchors()];
    this.targets = divertTargets(anchors.flatMap((path) => (firewall.rules(path) ?? []).map(({ rule }) => rule)));
    const rules =
      this.#kernelRules === undefined
        ? divertRules(this.targets)
        : `flush ruleset\n${this.#kernelRules}\n${TRACE_TABLE}`;
    await this.#namespaces.loadRules("firewall", rules);
  }
}

/** Brings packets from host to host, through PF or the kernel. */
async function connectWires(
  namespaces: Namespaces,
  setup: LabSetup,
  play: {
    readonly model: Model;
    readonly divert: Divert;
    readonly recording: Recorder;
    readonly events: Events;
    readonly reasons: KernelReasons;
  },
): Promise<{ close(): void }> {
  const { model, divert, recording, events, reasons } = play;
  const { link = {} } = setup;
  const { mtu = MTU } = link;
  await setMtu(namespaces, mtu);
  const byKernel = setup.kernelRules !== undefined;
  kernelForwards(namespaces, byKernel);
  if (byKernel) await forgetConnections(namespaces);
  const links = new Links({ link, seed: setup.seed, clock: realClock });
  const path = new PacketPath(
    {
      devices: namespaces.devices,
      write: (at, bytes, segmentSize) => namespaces.wires.write(at, bytes, segmentSize),
      links,
      clock: realClock,
      tell: (event) => events.tell(event),
      watched: () => events.observers.length > 0 || !recording.full,
      tap: (network, direction, bytes, packet) =>
        recording.add({
          interface: recordedInterface(network),
          direction,
          bytes,
          packet,
          atMicroseconds: Math.round(realClock.now() * 1000),
        }),
      earlier: namespaces.earlier,
    },
    (wires) =>
      byKernel
        ? new KernelForwarding(wires, namespaces.devices, reasons)
        : new PfForwarding(wires, {
            firewall: model.firewall,
            lost: model.lost,
            divertTargets: () => divert.targets,
            mtu,
          }),
  );
  // A fault must befall one packet, not a whole run of segments.
  namespaces.wires.offload(!byKernel && !isCut(mtu) && linkFaults(link).length === 0);
  namespaces.wires.receiver = (at, bytes, segmentSize) => {
    events.lastMs = realClock.now();
    for (const one of pieces(bytes, mtu)) path.receive(at, one, segmentSize);
  };
  return {
    close() {
      path.close();
      links.close();
    },
  };
}

/** The connections that the kernel expects become events. */
async function tellExpectations({ hosts }: Namespaces, recording: Recorder, events: Events): Promise<void> {
  await watchExpectations(hosts.firewall, ({ to, text }) => {
    recording.comment(`expected: ${text}`);
    events.tell({ kind: "expectation", atMs: realClock.now(), to, text });
  });
}

/** Ends the play on all hosts. Returns why the namespaces are of no more use, if so. */
async function leave(namespaces: Namespaces, closePath = async () => {}): Promise<string | undefined> {
  // An agent that fails is gone afterwards.
  await Promise.allSettled(Object.values(namespaces.hosts).map((one) => one.sweep()));
  await namespaces.killStrangers();
  await closePath();
  namespaces.earlier.endPlay();
  namespaces.wires.receiver = (at, bytes) => answerLatePacket(namespaces, at, bytes);
  const { firewall } = namespaces.hosts;
  firewall.programs = {};
  firewall.log = () => {};
  const { lost } = namespaces;
  await giveBackNamespaces(namespaces);
  return lost;
}

/** Packets between two plays belong to connections of the earlier one. */
function answerLatePacket(namespaces: Namespaces, at: number, bytes: Uint8Array): void {
  const decoded = decode(bytes);
  const answer = decoded.ok ? namespaces.earlier.answer(decoded.packet) : undefined;
  if (answer !== undefined && answer !== "silence") namespaces.wires.write(at, encode(answer));
}

/** Calls `lose` when an agent is gone. Returns a function that takes this back. */
function onLost({ hosts }: Namespaces, lose: (error: Error) => void): () => void {
  const removers = Object.values(hosts).map((host) => host.onGone((why) => lose(new LabLost(`${host.name}: ${why}`))));
  return () => {
    for (const remove of removers) remove();
  };
}
