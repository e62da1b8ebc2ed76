/**
 * Plays one cell of the matrix, step by step: opens the lab, starts the subject, the players take their parts, the
 * script runs, everything is cleaned up, the doors are tried again, the invariants judge, the verdict is made.
 *
 * Intruders change nothing of the answers. If one of their attempts gets through during the play, the same play without
 * them gives all answers but harm.
 *
 * `observation/` turns packets and anchors into a time line; `judgement/` holds what must be true of it;
 * `verdict.ts` compares the end with the expected one.
 *
 * @example
 * const { result } = await play(cell);
 * result.grade; // "passed"
 */

import type { Grade, LetterDifference, PlayResult, Service } from "../../reports/model.ts";
import { expectationOf } from "../contract/expectation.ts";
import type { Era, Lab, LabEvent, Peer } from "../contract/lab.ts";
import { type Roles, rolesOf, SECOND_ADDRESS } from "../contract/roles.ts";
import { PlayerMissing, type Taken } from "../contract/scenario.ts";
import { hasReference, type Profile, type RunningSubject } from "../contract/subject.ts";
import type { Cell } from "./cell.ts";
import { inLab, type Rules } from "./in-lab.ts";
import type { Evidence, PolicyWays, SlotsFound } from "./judgement/evidence.ts";
import { harmOf, mergedInvariants, openWays } from "./judgement/harm.ts";
import { Intruder, wasDisturbed } from "./judgement/intruder.ts";
import { invariants } from "./judgement/invariants.ts";
import { negotiationDifferences } from "./judgement/negotiations.ts";
import { policyOf } from "./judgement/policy.ts";
import { countSlots, ownLimit, sessionsAtOnce } from "./judgement/slots.ts";
import { readAnchors } from "./observation/anchors.ts";
import { Timeline } from "./observation/timeline.ts";
import { type PlayScript, playScript } from "./script.ts";
import { factsOf } from "./service/facts.ts";
import { serviceOf } from "./service/service.ts";
import { type ActualEnd, endingOf, type PlayRecord, resultOf } from "./verdict.ts";
import { waitingIn } from "./waiting.ts";

/** After the last step: connections close, the proxy removes its rules, probes end. */
const SETTLE_MS = 3_000;
/** For a proxy that is a process on a loaded machine. */
const RULES_GONE_LIMIT_MS = 5_000;
const RULES_PAUSE_MS = 20;
/** For cleaning up, on the lab's clock. */
const CLEAN_UP_LIMIT_MS = 120_000;

export interface Played {
  readonly result: PlayResult;
  /** pcapng of the firewall's interfaces, if asked for. */
  readonly capture?: Uint8Array;
}

export interface PlayOptions {
  readonly signal?: AbortSignal;
  /** Whether to keep the capture of a play with this grade. By default none is kept. */
  readonly keepsCapture?: (grade: Grade) => boolean;
  /** See LabSetup. */
  readonly note?: (text: string) => void;
  /** Without intruders: finds less harm, and nothing else that differs. */
  readonly alone?: boolean;
}

/** Rejects when the lab cannot be opened, is lost, or has no such player (PlayerMissing). */
export async function play(cell: Cell, options: PlayOptions = {}): Promise<Played> {
  const { client, server } = cell.entry.scenario;
  await Promise.all([client.prepare?.(), server.prepare?.()]);
  const perform = (how: HowPlayed) =>
    inLab(cell, options, async (lab, rules) => {
      const performance = await new PlayInLab(cell, lab, how).run(rules);
      const result = judged(performance);
      const mayBeKept = openWays(performance.evidence).length > 0 || options.keepsCapture?.(result.grade) === true;
      const kept = options.keepsCapture !== undefined && mayBeKept ? { capture: await lab.capture() } : {};
      return { ...performance, ...kept, result };
    });
  let how: HowPlayed = { intruders: options.alone !== true, countsSlots: true };
  let watched = await perform(how);
  if (watched.crowded) {
    how = { ...how, countsSlots: false };
    watched = await perform(how);
  }
  const ways = openWays(watched.evidence);
  if (ways.length === 0) return playedOf(watched, options);
  const policy = await inLab(cell, options, (lab) => {
    const { side, family, era, entry } = cell;
    const setting = { side, family, era, roles: rolesOf(lab, side, family, entry.scenario) };
    return lab.run(policyOf(lab, setting, ways), { limitMs: CLEAN_UP_LIMIT_MS });
  });
  const undisturbed = wasDisturbed(watched.evidence.probes) ? await perform({ ...how, intruders: false }) : watched;
  return playedOf({ ...undisturbed, result: judged(watched, policy, undisturbed) }, options);
}

const playedOf = ({ result, capture }: Played, { keepsCapture }: PlayOptions): Played =>
  capture !== undefined && keepsCapture?.(result.grade) === true ? { result, capture } : { result };

/** `watched` has the harm, `answering` all other answers. */
function judged(watched: Performance, policy: PolicyWays = new Set(), answering: Performance = watched): PlayResult {
  const judgementOf = ({ evidence }: Performance) => invariants.map((one) => one({ ...evidence, policy }));
  const found = judgementOf(watched);
  const all = answering === watched ? found : mergedInvariants(found, judgementOf(answering));
  const harm = harmOf(all, { ...watched.evidence, policy });
  return resultOf({ ...answering.record, invariants: all, harm });
}

interface HowPlayed {
  /** Whether intruders and third hosts try to get in. */
  readonly intruders: boolean;
  /** Whether the proxy gets a limit of sessions, and its free slots are counted afterwards. */
  readonly countsSlots: boolean;
}

/** A play in one lab, before its verdict. */
interface Performance {
  readonly evidence: Evidence;
  readonly record: Omit<PlayRecord, "invariants" | "harm">;
  /** There were more sessions at once than the proxy's limit allows, which the scenario did not announce. */
  readonly crowded: boolean;
}

/** A scenario with a higher limit has another purpose. */
const HIGHEST_LIMIT = 20;

/** One play in an open lab. */
class PlayInLab {
  readonly #cell: Cell;
  readonly #lab: Lab;
  readonly #profile: Profile;
  readonly #roles: Roles;
  readonly #proxyArgs: readonly string[];
  readonly #timeline: Timeline;
  readonly #intruder: Intruder;
  readonly #script: PlayScript;
  readonly #players: Partial<Record<Peer, Taken<unknown>>> = {};
  /** Events of a lab that reports them out of order. */
  readonly #unordered: LabEvent[] = [];
  /** The proxy's limit of sessions, where it is known. */
  readonly #limit: number | undefined;
  /** The limit is the harness's. */
  readonly #limited: boolean;
  #subject: RunningSubject | undefined;
  #endedByScript = false;

  constructor(cell: Cell, lab: Lab, how: HowPlayed) {
    const { side, family, era, subject, entry } = cell;
    const { terminates } = subject;
    const { clock } = lab.hosts.client;
    this.#cell = cell;
    this.#lab = lab;
    const profile = subject.profile(era);
    const roles = rolesOf(lab, side, family, entry.scenario);
    const proxyArgs = terminates ? withAddress(entry.scenario.proxyArgs, roles.proxy) : [];
    const likeFtpProxy = terminates && hasReference(profile);
    const timeline = new Timeline({
      ...{ lab, side, family, roles, terminates, likeFtpProxy, proxyArgs },
      startedAtMs: clock.now(),
    });
    const shared = {
      ...{ lab, side, family, era, roles },
      record: timeline.record.bind(timeline),
      elapsed: () => timeline.elapsed(clock.now()),
    };
    this.#intruder = new Intruder({ ...shared, idle: !how.intruders });
    const own = ownLimit(proxyArgs);
    this.#limited = how.countsSlots && terminates && own === undefined;
    this.#limit = this.#limited ? (entry.scenario.sessions ?? 1) + 1 : own;
    this.#script = playScript({
      ...shared,
      profile,
      proxyArgs,
      terminates,
      waiting: waitingIn(lab.pace, expectationOf(entry.scenario.expect, profile, { side, family, era }), profile),
      stopSubject: async () => {
        this.#endedByScript = true;
        await this.#subject?.stop();
      },
      intruder: this.#intruder,
    });
    this.#profile = profile;
    this.#roles = roles;
    this.#proxyArgs = proxyArgs;
    this.#timeline = timeline;
  }

  async run(rules: Rules): Promise<Performance> {
    this.#observe();
    const end = await this.#within(this.#cell.entry.scenario.limitMs, () => this.#perform());
    const doneMs = this.#timeline.elapsed(this.#lab.hosts.client.clock.now());
    const cleaning = await this.#within(CLEAN_UP_LIMIT_MS, () => this.#cleanUp());
    this.#closeTimeline();
    const { clock } = this.#lab.hosts.client;
    const lastedMs = this.#timeline.elapsed(clock.now());
    const crowded = this.#limited && sessionsAtOnce(this.#timeline.events) > (this.#limit ?? 0);
    const limit = { limitMs: CLEAN_UP_LIMIT_MS };
    const anchorsAfter = await this.#lab.run(readAnchors(this.#lab.firewall.pfctl, this.#cell.era), limit);
    await this.#lab.run(this.#intruder.revisit(), limit);
    const slots = await this.#lab.run(this.#slots(), limit);
    const subjectGone = await this.#lab.run(Promise.resolve(this.#subject?.gone?.()), limit);
    await this.#within(CLEAN_UP_LIMIT_MS, async () => this.#subject?.stop());
    if (end.kind === "broke" && end.error instanceof PlayerMissing) throw end.error;
    const overran = [end, cleaning].find((one) => one.kind === "overran");
    return {
      evidence: this.#evidence({ anchorsAfter, slots, overrun: overran?.message }),
      record: {
        cell: this.#cell,
        lab: this.#lab,
        timeline: this.#timeline,
        end,
        cleaning,
        service: this.#serviceOf(end, doneMs),
        players: this.#players,
        differences: this.#differences(),
        rules,
        subjectCommand: this.#subject?.command,
        subjectGone,
        lastedMs,
      },
      crowded,
    };
  }

  #within(limitMs: number, action: () => Promise<unknown>): Promise<ActualEnd> {
    return endingOf(() => this.#lab.run(action(), { limitMs }));
  }

  /** The lab's events go to the time line, the script's log and the intruder. */
  #observe(): void {
    this.#lab.observe((event) => {
      if (this.#lab.inOrder !== undefined) this.#unordered.push(event);
      else this.#timeline.add(event);
      if (event.kind === "log") this.#script.logged(event.text);
      if (event.kind === "expectation") this.#intruder.tryDoor(event.to, "while a connection is expected");
      if (event.kind === "anchor") this.#intruder.tryDoors(event.rules, "while the rules are in force");
    });
  }

  /** Starts the subject, gives the players their parts, and runs the scenario's script. */
  async #perform(): Promise<void> {
    const { side, family, era, subject, entry } = this.#cell;
    const { hosts } = this.#lab;
    this.#subject = await subject.start(this.#lab, {
      ...{ side, family, era, args: this.#proxyArgs },
      ...(this.#limited && this.#limit !== undefined && { maxSessions: this.#limit }),
    });
    const server = await entry.scenario.server.take(hosts.server, this.#script);
    this.#players.server = server;
    const client = await entry.scenario.client.take(hosts.client, this.#script);
    this.#players.client = client;
    await entry.scenario.play({ ...this.#script, client: client.part, server: server.part });
  }

  /** The players leave, the client first; then the firewall comes to rest. */
  async #cleanUp(): Promise<void> {
    const { pace } = this.#lab;
    await this.#players.client?.stop();
    await this.#players.server?.stop();
    if (pace !== undefined && this.#cell.subject.terminates) await rulesGone(this.#lab, this.#cell.era);
    await this.#intruder.done();
    await (pace?.quiet(SETTLE_MS) ?? this.#script.wait(SETTLE_MS));
    await this.#intruder.done();
    this.#intruder.record();
  }

  #closeTimeline(): void {
    for (const event of this.#lab.inOrder?.(this.#unordered) ?? this.#unordered) this.#timeline.add(event);
    this.#timeline.close();
  }

  async #slots(): Promise<SlotsFound> {
    if (this.#endedByScript) return uncounted("the scenario has ended the proxy");
    if (this.#limit === undefined) return uncounted("more sessions at once than the scenario says (`sessions`)");
    if (this.#limit > HIGHEST_LIMIT) return uncounted(`-m ${this.#limit} is too high for filling every slot`);
    return countSlots({ lab: this.#lab, roles: this.#roles, limit: this.#limit });
  }

  #serviceOf(end: ActualEnd, doneMs: number): Service {
    if (end.kind === "broke")
      return {
        verdict: "fails",
        reason: `the play broke off: ${end.error instanceof Error ? end.error.message : end.error}`,
        errands: [],
      };
    const reported = this.#players.client?.errands?.();
    const gaveUp = reported?.find(({ verdict }) => verdict === "failed")?.notice;
    const facts = factsOf(this.#timeline, {
      terminates: this.#cell.subject.terminates,
      doneMs,
      own: this.#roles,
      stoppedAt: end.kind === "stopped" ? end.failure.step : gaveUp,
    });
    return serviceOf(facts, reported);
  }

  /** What the subject did otherwise than its reference: by the script, and in each negotiation. */
  #differences(): LetterDifference[] {
    const { era, family } = this.#cell;
    const setting = { era, family, roles: this.#roles, proxyArgs: this.#proxyArgs };
    const negotiated = hasReference(this.#profile) ? negotiationDifferences(this.#timeline, setting) : [];
    return [...this.#script.differences, ...negotiated];
  }

  #evidence(found: Pick<Evidence, "anchorsAfter" | "slots" | "overrun">): Evidence {
    const { era, subject } = this.#cell;
    return {
      ...found,
      timeline: this.#timeline,
      roles: this.#roles,
      proxyArgs: this.#proxyArgs,
      terminates: subject.terminates,
      sampled: this.#lab.anchors === "sampled" && subject.inRunner !== true,
      era,
      profile: this.#profile,
      probes: this.#intruder.results,
      revisits: this.#intruder.revisits,
      visits: this.#script.visits,
      policy: new Set(),
    };
  }
}

const uncounted = (reason: string): SlotsFound => ({ kind: "not-counted", reason });

const withAddress = (args: readonly string[], address: string): string[] =>
  args.map((arg) => (arg === SECOND_ADDRESS ? address : arg));

/** In real time a proxy may still be removing its rules. Rules that are there after the limit stay. */
async function rulesGone(lab: Lab, era: Era): Promise<void> {
  const { clock } = lab.hosts.client;
  const until = clock.now() + RULES_GONE_LIMIT_MS;
  while (clock.now() < until) {
    const held = await readAnchors(lab.firewall.pfctl, era);
    if ([...held.values()].every((rules) => rules.length === 0)) return;
    await new Promise<void>((resolve) => void clock.after(RULES_PAUSE_MS, resolve));
  }
}
