/**
 * One play on a connected guest: the real pfctl loads its pf.conf, and the output of tcpdump, syslogd and pfctl becomes
 * the lab's events. Packets come late, when bpf(4) hands them out. The play leaves nothing on the guest.
 */

import type { Endpoint, ProcessResult } from "../../../proxy/host.ts";
import { limited, realClock } from "../../agent/runner/real-clock.ts";
import { type Era, type Lab, type LabEvent, LabLost, type LabSetup } from "../../contract/lab.ts";
import { familyOf } from "../../net/wire/address.ts";
import type { RulePosition } from "../../pf/decision.ts";
import { readAnchors } from "../../play/observation/anchors.ts";
import { FIREWALL } from "../model/topology.ts";
import { AnchorWatch } from "./anchor-watch.ts";
import { type Captured, networkOf, sideOf } from "./captures.ts";
import { atCommitTimes, CommitTrace } from "./commit-trace.ts";
import type { Guest } from "./guest.ts";
import { type PflogEntry, reasonName } from "./link-layer.ts";
import { numbered, positionOf } from "./logged-rule.ts";
import { RecordedPlay } from "./recorded-play.ts";
import { guestServices } from "./services.ts";

/** The wires are quiet when no packet was seen for so long. */
const QUIET_MS = 150;
/** The file does not have the level of ftp-proxy(8)'s messages: informational. */
const LOG_LEVEL = 6;
/** Of OpenBSD and FreeBSD alike. */
const PFCTL = "/sbin/pfctl";
const PROXIES: ReadonlySet<string> = new Set(["ftp-proxy", "anchorage-ftp-proxy"]);
/** The interfaces that the lab itself needs, in groups of provision.sh and topology.sh. */
const SKIP = "set skip on { lo endpoint management }";
/** Options of pfctl that change something or read an anchor; the anchors are read before and after. */
const CONCERNS_ANCHORS = /^-(a|f|F|k|K|T)/;

/** The pf.conf does not load. */
export class GuestPfConfError extends Error {
  override readonly name = "GuestPfConfError";
}

export async function openGuestPlay(guest: Guest, name: string, setup: LabSetup): Promise<Lab> {
  await guest.setSide(setup.side);
  await guest.readClock();
  const loadingMs = realClock.now();
  await load(guest, setup.pfConf);
  const pace = guestPace({ roundTripMs: guest.roundTripMs, programMs: realClock.now() - loadingMs });
  guest.limitConnects(pace.connectLimitMs);
  const begunMs = await guest.time();
  const observers: ((event: LabEvent) => void)[] = [];
  const recorded = new RecordedPlay();
  const trace = new CommitTrace((command, args) => guest.tools.run(command, args));
  let commitsMs: readonly number[] = [];
  const commented: LabEvent[] = [];
  let lastSeenMs = begunMs;
  const tell = (event: LabEvent) => {
    lastSeenMs = Math.max(lastSeenMs, event.atMs);
    if (event.kind === "anchor" || event.kind === "log") commented.push(event);
    for (const observer of observers) observer(event);
  };
  const rules = numbered((await guest.pfctl(["-sr"])).stdout, setup.pfConf, setup.era);
  guest.onCaptured = (captured) => {
    const atMs = guest.runnersMs(captured.atMicroseconds);
    if (atMs < begunMs) return;
    const event = eventOf(captured, atMs, guest, (entry) => positionOf(entry, rules, (anchor) => watch.rules(anchor)));
    if (event?.kind === "packet" && captured.kind === "packet") {
      recorded.add({ network: event.network, direction: event.direction, atMs, bytes: captured.bytes });
    }
    if (event !== undefined) tell(event);
  };
  guest.onLogged = ({ program, text }) => {
    if (PROXIES.has(program)) tell({ kind: "log", atMs: realClock.now(), level: LOG_LEVEL, text });
  };
  const watch = new AnchorWatch({
    pfctl: (args) => guest.pfctl(args),
    era: setup.era,
    time: () => guest.time(),
    tell,
  });
  const pfctl = (args: readonly string[], stdin = ""): Promise<ProcessResult> =>
    args.some((arg) => CONCERNS_ANCHORS.test(arg))
      ? watch.around(() => guest.pfctl(args, stdin))
      : guest.pfctl(args, stdin);
  const services = guestServices(guest.system, (command, args) => guest.tools.run(command, args), {
    trace: (pgrep) => trace.begin(pgrep),
    swept: guest.servicesSwept,
  });
  const { firewall } = guest.hosts;
  firewall.programs = { pfctl };
  firewall.log = (level, text) => tell({ kind: "log", atMs: realClock.now(), level, text });
  await watch.begin();
  const delayMs = guest.emulated ? QUIET_MS : guest.system.captureDelayMs;

  const onLost = (lose: (error: Error) => void) => guest.onLost((why) => lose(new LabLost(why)));

  return {
    name,
    hosts: guest.hosts,
    firewall: {
      ...FIREWALL,
      pfctl,
      listenAt: guest.system.listenAt,
      programs: { pfctl: PFCTL, listens: (at) => listensOn(guest, at) },
    },
    services,
    anchors: "sampled",
    inOrder: (events) => atCommitTimes(events, commitsMs).sort((a, b) => a.atMs - b.atMs),
    pace: {
      answerMs: pace.answerMs,
      programsMs: pace.programsMs,
      async quiet(limitMs) {
        const begin = realClock.now();
        await pause(delayMs + QUIET_MS);
        while (realClock.now() < begin + limitMs && realClock.now() - lastSeenMs < delayMs + QUIET_MS) {
          await pause(QUIET_MS / 3);
        }
        await watch.read();
        commitsMs = (await trace.read()).map((microseconds) => guest.runnersMs(microseconds));
      },
    },
    observe: (observer) => void observers.push(observer),
    run: (promise, { limitMs }) => limited(promise, { limitMs, signal: setup.signal, onLost }),
    async capture() {
      for (const event of atCommitTimes(commented, commitsMs)) recorded.comment(event.atMs, wordsOf(event));
      return recorded.file(guest.system.interfaces);
    },
    async close() {
      guest.onCaptured = () => {};
      guest.onLogged = () => {};
      firewall.programs = {};
      firewall.log = () => {};
      await watch.end();
      if (guest.lost !== undefined) throw new LabLost(guest.lost);
      await services.stopAll();
      await trace.end();
      await Promise.all(Object.values(guest.hosts).map((one) => one.sweep()));
      await empty(guest, setup.era);
    },
  };
}

async function listensOn({ tools }: Guest, at: Endpoint): Promise<boolean> {
  const { stdout } = await tools.run("netstat", ["-an", "-f", familyOf(at.address)]);
  return listensIn(stdout, at);
}

/**
 * Reads `netstat -an` of a BSD. `*` is every address.
 *
 * @example
 * listensIn("tcp  0  0  127.0.0.1.8021  *.*  LISTEN\n", { address: "127.0.0.1", port: 8021 }) // true
 */
export function listensIn(netstat: string, { address, port }: Endpoint): boolean {
  return netstat.split("\n").some((line) => {
    const [protocol = "", , , local] = line.trim().split(/\s+/);
    if (!protocol.startsWith("tcp") || !/\sLISTEN\s*$/.test(line)) return false;
    return local === `${address}.${port}` || local === `*.${port}`;
  });
}

/** A comment in a capture. */
const wordsOf = (event: LabEvent): string => {
  if (event.kind === "log") return event.text;
  if (event.kind !== "anchor") return "";
  return [`${event.anchor} ${event.rules.length > 0 ? "holds" : "is empty"}`, ...event.rules].join("\n");
};

/** Loads the pf.conf with the guest's interfaces in place of the model's. */
async function load(guest: Guest, pfConf: string): Promise<void> {
  const { inside, outside } = guest.system.interfaces;
  const macros = { ext_if: outside, int_if: inside, ...guest.system.macros };
  const definitions = Object.entries(macros).flatMap(([name, value]) => ["-D", `${name}=${value}`]);
  const { status, stderr } = await guest.pfctl(["-q", ...definitions, "-f", "-"], `${SKIP}\n${pfConf}`);
  if (status !== 0) throw new GuestPfConfError(stderr.trim() || `pfctl -f: status ${status}`);
}

/** Empties the anchors of proxies, of killed ones too, and the states. */
async function empty(guest: Guest, era: Era): Promise<void> {
  const pfctl = (args: readonly string[]) => guest.pfctl(args);
  for (const name of (await readAnchors(pfctl, era)).keys()) {
    for (const what of era === "rdr-anchor" ? ["nat", "rules"] : ["rules"]) {
      await guest.pfctl(["-q", "-a", `ftp-proxy/${name}`, "-F", what]);
    }
  }
  await guest.pfctl(["-q", "-F", "states"]);
}

function eventOf(
  captured: Captured,
  atMs: number,
  guest: Guest,
  ruleOf: (entry: PflogEntry) => RulePosition | undefined,
): LabEvent | undefined {
  const { packet } = captured;
  if (captured.kind === "packet") {
    const direction = sideOf(packet, captured.network);
    return direction && { kind: "packet", atMs, network: captured.network, direction, packet };
  }
  const { action, direction, reason, interface: name } = captured.entry;
  const network = networkOf(name, guest.system.interfaces);
  if (action !== "block" || network === undefined) return undefined;
  const rule = ruleOf(captured.entry);
  const drop = { kind: "drop", atMs, interface: name, network, direction, packet, reason: reasonName(reason) } as const;
  return rule === undefined ? { ...drop, reason: `${drop.reason}, rule ${captured.entry.rule}` } : { ...drop, rule };
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void realClock.after(milliseconds, resolve));

interface GuestMeasures {
  readonly roundTripMs: number;
  /** The run time of one pfctl(8). */
  readonly programMs: number;
}

interface GuestPace {
  readonly answerMs: number;
  readonly programsMs: number;
  /** Limit for players' hosts to connect. */
  readonly connectLimitMs: number;
}

/** The longest time for an answer: this, and so many round trips to the guest. */
const ANSWER_MS = 250;
const ANSWER_ROUND_TRIPS = 10;
/**
 * Programs until a proxy's pfctl is answered. With two anchors the reading under way, pfctl, and the reading after it are
 * eight; other programs use the processor meanwhile, so three times that.
 */
const PROGRAMS = 24;
/** As in netns: a SYN and one repetition. */
const CONNECT_LIMIT_MS = 1_300;
/** Packets and agents use the processor, too. Seen on an emulated, busy machine: 1.5 s where a program takes 0.5 s. */
const CONNECT_PROGRAMS = 5;

/**
 * The pace of a guest by two measures at the beginning of a play. A machine that is emulated on a busy one takes seconds
 * for a program, and the proxy's pfctl is one of many.
 *
 * @example
 * guestPace({ roundTripMs: 5, programMs: 25 }) // { answerMs: 300, programsMs: 600, connectLimitMs: 1_300 }
 */
export const guestPace = ({ roundTripMs, programMs }: GuestMeasures): GuestPace => ({
  answerMs: ANSWER_MS + ANSWER_ROUND_TRIPS * roundTripMs,
  programsMs: PROGRAMS * programMs,
  connectLimitMs: Math.max(CONNECT_LIMIT_MS, CONNECT_PROGRAMS * programMs),
});
