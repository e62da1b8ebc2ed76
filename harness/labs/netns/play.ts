/**
 * One play in a standing place: a fresh PF, a router on the wires, a recording. When it closes, the
 * agents drop whatever the play has left open.
 */

import type { ProcessResult } from "../../../proxy/host.ts";
import { answerPfctl } from "../../../proxy/pf/pfctl-runner.ts";
import { realClock } from "../../agent/runner/real-clock.ts";
import { type Lab, type LabEvent, LabLost, type LabSetup } from "../../contract/lab.ts";
import { SeededRandom } from "../../net/time/random.ts";
import { decode } from "../../net/wire/decode.ts";
import { encode } from "../../net/wire/encode.ts";
import { type Recorder, Recording } from "../../net/wire/recording.ts";
import { modelFirewall } from "../model/firewall.ts";
import { linkFaults } from "../model/link-faults.ts";
import { FIREWALL, FIREWALL_INTERFACE } from "../model/topology.ts";
import { limited } from "../real-time/limited.ts";
import { type DivertTarget, divertRules, divertTargets } from "./divert.ts";
import { watchExpectations } from "./expectations.ts";
import { hostFirewalls } from "./host-firewall.ts";
import { forgetConnections, KernelForwarding, kernelForwards } from "./kernel-forwarding.ts";
import { firewallInterfaces, RECORDED_INTERFACES, recordedInterface } from "./layout.ts";
import { isCut, MTU, pieces, setMtu } from "./link-mtu.ts";
import { paceOf } from "./link-pace.ts";
import { Links } from "./links.ts";
import { giveBackNamespaces, takeNamespaces } from "./namespace-pool.ts";
import type { Namespaces } from "./namespaces.ts";
import { PacketPath } from "./packet-path.ts";
import { PfForwarding } from "./pf-forwarding.ts";

/** rc(8): where the main ruleset is read from. */
const PF_CONF = "/etc/pf.conf";
/** Bytes of a recording in memory. */
const RECORDING_LIMIT = 32 * 1024 * 1024;
const QUIET_STEP_MS = 15;
/** Where the firewall's processes reach the model's pfctl (`--pf-socket`). */
export const PFCTL_SOCKET = { address: "127.0.0.1", port: 8022 } as const;

/** What nft was last told in a place. */
const diverted = new WeakMap<Namespaces, string>();

export interface PlayOptions {
  /** Where packets are kept; by default in memory. */
  readonly recorder?: Recorder;
  /** The firewall's files, for `pfctl -f`; by default /etc/pf.conf alone. */
  readonly readFile?: (path: string) => string | undefined;
}

export async function openPlay(setup: LabSetup, options: PlayOptions = {}): Promise<Lab> {
  const place = await takeNamespaces(setup.side, setup.note);
  try {
    return await openIn(place, setup, options);
  } catch (error) {
    const lost = await leave(place);
    throw lost === undefined ? error : new LabLost(lost);
  }
}

async function openIn(place: Namespaces, setup: LabSetup, options: PlayOptions): Promise<Lab> {
  const observers: ((event: LabEvent) => void)[] = [];
  let lastEventMs = 0;
  const tell = (event: LabEvent) => {
    lastEventMs = event.atMs;
    for (const observer of observers) observer(event);
  };
  const recording = options.recorder ?? new Recording(RECORDED_INTERFACES, RECORDING_LIMIT);
  const random = new SeededRandom(setup.seed).stream("pf");
  const now = () => realClock.now();
  const model = modelFirewall({
    era: setup.era,
    interfaces: firewallInterfaces(),
    now,
    random: (below) => random.below(below),
    readFile: options.readFile ?? ((path) => (path === PF_CONF ? setup.pfConf : undefined)),
    network: (name) => (name === FIREWALL_INTERFACE.inside ? "inside" : "outside"),
    tell,
    comment: (text, about) => recording.comment(text, about),
  });
  model.loadPfConf(PF_CONF);
  const { firewall } = model;
  let targets: DivertTarget[] = [];
  /** The firewall's kernel hands over what the rules divert, as they are now. */
  const divert = () => {
    const paths = ["", ...firewall.anchors()];
    targets = divertTargets(paths.flatMap((path) => (firewall.rules(path) ?? []).map(({ rule }) => rule)));
    const rules = setup.kernelRules === undefined ? divertRules(targets) : `flush ruleset\n${setup.kernelRules}`;
    if (diverted.get(place) !== rules) place.configure("firewall", "nft", ["-f", "-"], rules);
    diverted.set(place, rules);
  };
  divert();

  const { link = {} } = setup;
  const { mtu = MTU } = link;
  setMtu(place, mtu);
  const links = new Links({ link, seed: setup.seed, clock: realClock });
  const pace = paceOf(link);
  const { firewall: host, ...players } = place.hosts;
  for (const player of Object.values(players)) player.connectLimitMs = pace.connectLimitMs;
  const byKernel = setup.kernelRules !== undefined;
  kernelForwards(place, byKernel);
  if (byKernel) await forgetConnections(place);
  const path = new PacketPath(
    {
      devices: place.devices,
      write: (at, bytes, segmentSize) => place.wires.write(at, bytes, segmentSize),
      links,
      clock: realClock,
      tell,
      watched: () => observers.length > 0 || !recording.full,
      tap: (network, direction, bytes, packet) =>
        recording.add({
          interface: recordedInterface(network),
          direction,
          bytes,
          packet,
          atMicroseconds: Math.round(now() * 1000),
        }),
      earlier: place.earlier,
    },
    (wires) =>
      byKernel
        ? new KernelForwarding(wires, place.devices)
        : new PfForwarding(wires, { firewall, divertTargets: () => targets, mtu }),
  );
  // What befalls a packet must not befall a whole run of segments.
  place.wires.offload(!byKernel && !isCut(mtu) && linkFaults(link).length === 0);
  place.wires.receiver = (at, bytes, segmentSize) => {
    lastEventMs = now();
    for (const one of pieces(bytes, mtu)) path.receive(at, one, segmentSize);
  };
  const run = async (args: readonly string[], stdin = ""): Promise<ProcessResult> => {
    const result = model.pfctl(args, stdin);
    if (!args.includes("-a")) divert();
    return result;
  };
  const filters = hostFirewalls(place);
  host.programs = { pfctl: run };
  host.log = (level, text) => {
    recording.comment(`log: ${text}`);
    tell({ kind: "log", atMs: now(), level, text });
  };
  if (!byKernel) await host.listen(PFCTL_SOCKET, (connection) => answerPfctl(connection, run));
  else {
    await watchExpectations(host, ({ to, text }) => {
      recording.comment(`expected: ${text}`);
      tell({ kind: "expectation", atMs: now(), to, text });
    });
  }

  return {
    name: "netns",
    hosts: place.hosts,
    firewall: { ...FIREWALL, pfctl: run, ...(byKernel ? {} : { pfctlSocket: PFCTL_SOCKET }) },
    pace: {
      answerMs: pace.answerMs,
      async quiet(limitMs) {
        const begin = now();
        while (now() < begin + limitMs && now() - Math.max(begin, lastEventMs) < pace.quietMs) {
          await new Promise<void>((resolve) => void realClock.after(QUIET_STEP_MS, resolve));
        }
      },
    },
    observe: (observer) => void observers.push(observer),
    run: (promise, { limitMs }) =>
      limited(promise, { limitMs, signal: setup.signal, onLost: (lose) => onLost(place, lose) }),
    capture: async () => recording.bytes(),
    async close() {
      const lost = await leave(place, () => {
        path.close();
        filters.clear();
        links.close();
      });
      if (lost !== undefined) throw new LabLost(lost);
    },
  };
}

/** Nothing of the play is left on the hosts. Answers why the place is of no more use, if so. */
async function leave(place: Namespaces, putAway = () => {}): Promise<string | undefined> {
  // An agent that cannot is gone afterwards.
  await Promise.allSettled(Object.values(place.hosts).map((one) => one.sweep()));
  await place.evict();
  putAway();
  place.earlier.endPlay();
  place.wires.receiver = (at, bytes) => straggler(place, at, bytes);
  const { firewall } = place.hosts;
  firewall.programs = {};
  firewall.log = () => {};
  const { lost } = place;
  await giveBackNamespaces(place);
  return lost;
}

/** Between two plays there is only what the last one has left. */
function straggler(place: Namespaces, at: number, bytes: Uint8Array): void {
  const decoded = decode(bytes);
  const answer = decoded.ok ? place.earlier.answer(decoded.packet) : undefined;
  if (answer !== undefined && answer !== "silence") place.wires.write(at, encode(answer));
}

/** When an agent of the place is gone. */
function onLost({ hosts }: Namespaces, lose: (error: Error) => void): () => void {
  const gone = Object.values(hosts).map((host) => host.onGone((why) => lose(new LabLost(`${host.name}: ${why}`))));
  return () => {
    for (const forget of gone) forget();
  };
}
