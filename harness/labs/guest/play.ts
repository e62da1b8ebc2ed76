/**
 * One play on a standing guest: its pf.conf is loaded by the real pfctl, and what tcpdump, syslogd and
 * pfctl tell becomes the lab's events. They come late: packets are told when bpf(4) hands them out.
 * Afterwards nothing of the play is left on the guest.
 */

import type { ProcessResult } from "../../../proxy/host.ts";
import { realClock } from "../../agent/runner/real-clock.ts";
import { type Era, type Lab, type LabEvent, LabLost, type LabSetup } from "../../contract/lab.ts";
import type { RulePosition } from "../../pf/decision.ts";
import { readAnchors } from "../../play/observation/anchors.ts";
import { FIREWALL } from "../model/topology.ts";
import { limited } from "../real-time/limited.ts";
import { AnchorWatch } from "./anchor-watch.ts";
import { backdated } from "./backdated.ts";
import type { Captured } from "./captures.ts";
import { CommitTrace } from "./commit-trace.ts";
import { guestPace } from "./guest-pace.ts";
import { type PflogEntry, reasonName } from "./link-layer.ts";
import { numbered, positionOf } from "./logged-rule.ts";
import { networkOf, sideOf } from "./networks.ts";
import { RecordedPlay } from "./recorded-play.ts";
import { guestServices } from "./services.ts";
import type { StandingGuest } from "./standing-guest.ts";

/** The wires are quiet when nothing has been seen for so long. */
const QUIET_MS = 150;
/** ftp-proxy(8) logs with facility daemon; which level, the file does not tell: informational. */
const LOG_LEVEL = 6;
const PROXIES: ReadonlySet<string> = new Set(["ftp-proxy", "anchorage-ftp-proxy"]);
/** Never skipped: what the lab itself needs. provision.sh and topology.sh put interfaces into these groups. */
const SKIP = "set skip on { lo endpoint management }";
/** How pfctl says that it changes something, or looks into an anchor: what somebody knows of it is told. */
const CONCERNS_ANCHORS = /^-(a|f|F|k|K|T)/;

/** pf.conf does not load: the play cannot begin. */
export class GuestPfConfError extends Error {
  override readonly name = "GuestPfConfError";
}

export async function openGuestPlay(guest: StandingGuest, name: string, setup: LabSetup): Promise<Lab> {
  await guest.turn(setup.side);
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
    firewall: { ...FIREWALL, pfctl, listenAt: guest.system.listenAt },
    services,
    anchors: "sampled",
    inOrder: (events) => backdated(events, commitsMs).sort((a, b) => a.atMs - b.atMs),
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
      for (const event of backdated(commented, commitsMs)) recorded.comment(event.atMs, wordsOf(event));
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

/** For a capture. */
const wordsOf = (event: LabEvent): string => {
  if (event.kind === "log") return event.text;
  if (event.kind !== "anchor") return "";
  return [`${event.anchor} ${event.rules.length > 0 ? "holds" : "is empty"}`, ...event.rules].join("\n");
};

/** The template's macros name the model's interfaces: here they are the guest's. */
async function load(guest: StandingGuest, pfConf: string): Promise<void> {
  const { inside, outside } = guest.system.interfaces;
  const macros = { ext_if: outside, int_if: inside, ...guest.system.macros };
  const definitions = Object.entries(macros).flatMap(([name, value]) => ["-D", `${name}=${value}`]);
  const { status, stderr } = await guest.pfctl(["-q", ...definitions, "-f", "-"], `${SKIP}\n${pfConf}`);
  if (status !== 0) throw new GuestPfConfError(stderr.trim() || `pfctl -f: status ${status}`);
}

/** What a proxy that was killed has left goes too. */
async function empty(guest: StandingGuest, era: Era): Promise<void> {
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
  guest: StandingGuest,
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
