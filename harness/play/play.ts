/**
 * Plays one cell of the matrix: opens the lab, starts the subject, lets the script run, tries the
 * doors, asks the invariants, and writes down what happened.
 */

import type { Finding, Grade, PlayResult, TimelineEvent } from "../../reports/model.ts";
import type { Era, Lab, LabEvent } from "../contract/lab.ts";
import { LimitError } from "../contract/lab.ts";
import { type Roles, rolesOf } from "../contract/roles.ts";
import { describeEnd, type End, endOf, PlayerMissing, type Taken } from "../contract/scenario.ts";
import { Deviation, StepFailure } from "../contract/script.ts";
import type { RunningSubject } from "../contract/subject.ts";
import type { Cell } from "../run/cell.ts";
import { readAnchors } from "./anchors.ts";
import { describeCell, type TakenInfo } from "./describe-cell.ts";
import { Intruder } from "./intruder.ts";
import { invariants } from "./invariants/all.ts";
import { kernelRulesFor, pfConfFor } from "./pf-conf.ts";
import { PlayScript } from "./play-script.ts";
import { type ProbeResult, Probes } from "./probes.ts";
import { Transcript } from "./transcript.ts";
import { waitingIn } from "./waiting.ts";

/** After the last step: connections close, the proxy drops its rules, probes end. */
const SETTLE_MS = 3_000;
/** For a proxy that is a process on a loaded machine. */
const RULES_GONE_LIMIT_MS = 5_000;
const RULES_PAUSE_MS = 20;
/** What cleaning up may take on the lab's clock. */
const CLEAN_UP_LIMIT_MS = 120_000;

export interface Played {
  readonly result: PlayResult;
  /** pcapng of the firewall's interfaces, if it was wanted. */
  readonly capture?: Uint8Array;
}

export interface PlayOptions {
  readonly signal?: AbortSignal;
  /** Is the capture wanted of a play that ended so? By default it is not. */
  readonly keepsCapture?: (grade: Grade) => boolean;
  /** See LabSetup. */
  readonly note?: (text: string) => void;
}

type Stop =
  | { readonly kind: "completed" }
  | { readonly kind: "stopped"; readonly failure: StepFailure }
  | { readonly kind: "overran"; readonly message: string }
  | { readonly kind: "broke"; readonly error: unknown };

export async function play(cell: Cell, options: PlayOptions = {}): Promise<Played> {
  const { scenario } = cell.entry;
  const { signal } = options;
  const pfConf = await pfConfFor(cell);
  const kernelRules = kernelRulesFor(cell);
  const lab = await cell.lab.open({
    seed: cell.seed,
    side: cell.side,
    family: cell.family,
    era: cell.era,
    pfConf,
    ...(kernelRules === undefined ? {} : { kernelRules }),
    ...(scenario.link === undefined ? {} : { link: scenario.link }),
    ...(signal === undefined ? {} : { signal }),
    ...(options.note === undefined ? {} : { note: options.note }),
  });
  try {
    const result = await playIn(lab, cell, kernelRules === undefined ? { pfConf } : { pfConf: "", kernelRules });
    return options.keepsCapture?.(result.grade) === true ? { result, capture: await lab.capture() } : { result };
  } finally {
    await lab.close();
  }
}

/** What the firewall went by. */
type FirewallRules = Pick<PlayResult, "pfConf" | "kernelRules">;

async function playIn(lab: Lab, cell: Cell, rules: FirewallRules): Promise<PlayResult> {
  const { side, family, era, subject } = cell;
  const { scenario } = cell.entry;
  const { terminates } = subject;
  const profile = subject.profile(era);
  const roles = rolesOf(lab, side, family, scenario.clientFrom);
  const clock = lab.hosts.client.clock;
  const startedAtMs = clock.now();
  const proxyArgs = terminates ? scenario.proxyArgs : [];
  const transcript = new Transcript({ lab, side, family, roles, terminates, proxyArgs, startedAtMs });
  const record = transcript.record.bind(transcript);
  const elapsed = () => transcript.elapsed(clock.now());
  const probes = new Probes(lab);
  const intruder = new Intruder({ lab, probes, side, family, era, roles, record, elapsed });
  const expected = endOf(scenario, profile, { side, family });
  let running: RunningSubject | undefined;
  const script = new PlayScript({
    lab,
    side,
    family,
    era,
    profile,
    roles,
    proxyArgs,
    hasAnchor: terminates,
    waiting: waitingIn(lab.pace, expected),
    stopSubject: async () => running?.stop(),
    record,
    elapsed,
  });
  const late: LabEvent[] = [];
  lab.observe((event: LabEvent) => {
    if (lab.inOrder !== undefined) late.push(event);
    else transcript.add(event);
    if (event.kind === "log") script.logged(event.text);
    if (event.kind === "expectation") intruder.tryDoor(event.to, "while a connection is expected");
    if (event.kind === "anchor") intruder.tryDoors(event.rules, "while the rules are in force");
  });

  const stops: (() => Promise<void>)[] = [];
  const players: Partial<Record<"client" | "server", Taken<unknown>>> = {};
  const perform = async () => {
    running = await subject.start(lab, { side, family, era, args: proxyArgs });
    const server = await scenario.server.take(lab.hosts.server, script);
    players.server = server;
    stops.push(() => server.stop());
    const client = await scenario.client.take(lab.hosts.client, script);
    players.client = client;
    stops.push(() => client.stop());
    await scenario.play(script.stage(client.part, server.part));
  };
  const stop = await ending(() => lab.run(perform(), { limitMs: scenario.limitMs }));

  const cleaning = await ending(() =>
    lab.run(
      (async () => {
        for (const leave of stops.reverse()) await leave();
        if (lab.pace !== undefined && terminates) await rulesGone(lab, era);
        await (lab.pace?.quiet(SETTLE_MS) ?? script.wait(SETTLE_MS));
        await intruder.done();
      })(),
      { limitMs: CLEAN_UP_LIMIT_MS },
    ),
  );
  for (const event of lab.inOrder?.(late) ?? late) transcript.add(event);
  transcript.close();

  const anchorsAfter = await lab.run(readAnchors(lab.firewall.pfctl, era), { limitMs: CLEAN_UP_LIMIT_MS });
  const revisits = await lab.run(revisit(lab, roles, probes, intruder), { limitMs: CLEAN_UP_LIMIT_MS });
  const lastedMs = elapsed();
  await ending(() => lab.run(running?.stop() ?? Promise.resolve(), { limitMs: CLEAN_UP_LIMIT_MS }));
  if (stop.kind === "broke" && stop.error instanceof PlayerMissing) throw stop.error;

  const overrun = stop.kind === "overran" ? stop.message : cleaning.kind === "overran" ? cleaning.message : undefined;
  const verdicts = invariants.map((invariant) =>
    invariant({
      transcript,
      roles,
      proxyArgs,
      terminates,
      sampled: lab.anchors === "sampled" && subject.inRunner !== true,
      era,
      profile,
      anchorsAfter,
      probes: intruder.results,
      revisits,
      overrun,
    }),
  );
  const findings: Finding[] = [
    ...stopFindings(stop, expected, transcript.timeline),
    ...(cleaning.kind === "broke" ? [{ kind: "error" as const, message: words(cleaning.error) }] : []),
    ...(stop.kind === "completed" && isUnseen(lab, transcript) ? [{ kind: "error" as const, message: UNSEEN }] : []),
    ...verdicts
      .filter((verdict) => verdict.verdict === "broken")
      .map((verdict): Finding => ({ kind: "invariant", message: `${verdict.title}: ${verdict.detail}` })),
  ];
  const [first] = findings;
  return {
    ...describeCell(cell, {
      ...(players.client && { client: takenInfo(players.client, first !== undefined) }),
      ...(players.server && { server: takenInfo(players.server, first !== undefined) }),
    }),
    grade: first === undefined ? "passed" : "failed",
    outcome: outcomeOf(stop),
    ...(first === undefined ? {} : { reason: first.message }),
    findings,
    invariants: verdicts,
    hosts: Object.entries(lab.hosts).map(([name, host]) => ({ name, addresses: [host.address(family)] })),
    ...rules,
    ...(running?.command === undefined ? {} : { subjectCommand: running.command }),
    timeline: transcript.timeline,
    lastedMs,
  };
}

function takenInfo({ version, output }: Taken<unknown>, failed: boolean): TakenInfo {
  const said = failed ? output?.() : undefined;
  return { ...(version !== undefined && { version }), ...(said !== undefined && { output: said }) };
}

const UNSEEN = "nothing was seen on the firewall's wires: no invariant could be judged";

/** Where others watch the wires for us, they may have stopped. */
const isUnseen = (lab: Lab, transcript: Transcript): boolean =>
  lab.inOrder !== undefined && transcript.flows.all.length === 0;

/** In real time a proxy may still be at taking its rules away. What is left after the limit, stays. */
async function rulesGone(lab: Lab, era: Era): Promise<void> {
  const { clock } = lab.hosts.client;
  const until = clock.now() + RULES_GONE_LIMIT_MS;
  while (clock.now() < until) {
    const held = await readAnchors(lab.firewall.pfctl, era);
    if ([...held.values()].every((rules) => rules.length === 0)) return;
    await new Promise<void>((resolve) => void clock.after(RULES_PAUSE_MS, resolve));
  }
}

/** The players try once more the doors that had been open for them. */
async function revisit(lab: Lab, roles: Roles, probes: Probes, intruder: Intruder): Promise<ProbeResult[]> {
  intruder.tryAgain("after the session");
  const attempts = [...intruder.doors.values()].flatMap((door) => {
    const visitors = [
      { name: "client", host: lab.hosts.client, own: roles.client },
      { name: "server", host: lab.hosts.server, own: roles.server },
    ];
    return visitors
      .filter(({ own }) => own !== door.address)
      .map(({ name, host, own }) => probes.try(host, door, `${name} ${own}`, "after the session"));
  });
  const results = await Promise.all(attempts);
  await intruder.done();
  return results;
}

async function ending(run: () => Promise<unknown>): Promise<Stop> {
  try {
    await run();
    return { kind: "completed" };
  } catch (error) {
    if (error instanceof StepFailure) return { kind: "stopped", failure: error };
    if (error instanceof Deviation) {
      const failure = new StepFailure("the script", error.deviationCause, error.expected, error.actual);
      return { kind: "stopped", failure };
    }
    if (error instanceof LimitError) return { kind: "overran", message: error.message };
    return { kind: "broke", error };
  }
}

function stopFindings(stop: Stop, expected: End, timeline: readonly TimelineEvent[]): Finding[] {
  switch (stop.kind) {
    case "completed":
      return expected.kind === "completes"
        ? []
        : [
            {
              kind: "expectation",
              message: "the play completed",
              expected: describeEnd(expected),
              actual: "completed",
            },
          ];
    case "stopped": {
      const { failure } = stop;
      if (expected.kind === "stops" && expected.step === failure.step && expected.cause === failure.failureCause) {
        const other = expected.witness?.(timeline);
        if (other === undefined) return [];
        const message = `${failure.step}: ${failure.failureCause}, as expected, but for another reason: ${other}`;
        return [{ kind: "expectation", message, expected: describeEnd(expected), actual: failure.actual }];
      }
      const kind = expected.kind === "completes" ? "step" : "expectation";
      const actual = `${failure.step}: ${failure.failureCause} (${failure.actual})`;
      return [{ kind, message: failure.message, expected: describeEnd(expected), actual }];
    }
    case "overran":
      // The invariant `ends` says so.
      return [];
    case "broke":
      return [{ kind: "error", message: words(stop.error) }];
  }
}

function outcomeOf(stop: Stop): string {
  switch (stop.kind) {
    case "completed":
      return "completed";
    case "stopped":
      return `stopped at "${stop.failure.step}": ${stop.failure.failureCause}`;
    case "overran":
      return "did not end in time";
    case "broke":
      return "broke off";
  }
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
