/**
 * The script of one play at work: runs each step, records it on the time line, compares the anchor with the expected
 * rules, searches the log, and collects what differs. Scenarios see it as `Script` (harness/contract/script.ts).
 *
 * @example
 * const script = playScript({ lab, roles, waiting, … });
 * await scenario.play({ ...script, client, server });
 */

import type { Clock } from "../../proxy/host.ts";
import type { LetterDifference, TimelineEvent } from "../../reports/model.ts";
import type { Era, Lab, Side } from "../contract/lab.ts";
import type { Roles } from "../contract/roles.ts";
import { type AnchorView, Deviation, type Differs, type Script, StepFailure, type Who } from "../contract/script.ts";
import { hasReference, type Profile } from "../contract/subject.ts";
import { Change } from "../net/time/change.ts";
import type { Family } from "../pf/packet.ts";
import { activeRules, passiveRules } from "./judgement/expected-rules.ts";
import type { Intruder, Visit } from "./judgement/intruder.ts";
import { asPfctlAccepts, readAnchors } from "./observation/anchors.ts";
import type { Waiting } from "./waiting.ts";

/** How long `log.says` waits for a line that the subject is about to log. */
const LOG_PATIENCE_MS = 1_000;
/** Between two looks at the anchor, in real time. */
const RULES_PAUSE_MS = 10;

export interface PlayScriptOptions {
  readonly lab: Lab;
  readonly side: Side;
  readonly family: Family;
  readonly era: Era;
  readonly profile: Profile;
  readonly roles: Roles;
  readonly proxyArgs: readonly string[];
  /** Whether control connections end at the subject. */
  readonly terminates: boolean;
  readonly waiting: Waiting;
  /** Sends SIGTERM to the subject. */
  readonly stopSubject: () => Promise<void>;
  readonly intruder: Pick<Intruder, "tries">;
  readonly record: (event: TimelineEvent) => void;
  /** Milliseconds since the play began. */
  readonly elapsed: () => number;
}

export interface PlayScript extends Script {
  /** What the subject did otherwise than its reference, so far. */
  readonly differences: readonly LetterDifference[];
  /** Takes each line that the subject logs. */
  logged(text: string): void;
  /** Connections that came to third hosts so far. */
  readonly visits: readonly Visit[];
}

/** Its members are plain, so a scenario may destructure them. */
export function playScript(options: PlayScriptOptions): PlayScript {
  const { lab, side, family, profile, roles, terminates, waiting, stopSubject, intruder, record, elapsed } = options;
  const { hosts } = lab;
  const { clock } = hosts.client;
  const subjectLog = new SubjectLog(clock);
  const differences: LetterDifference[] = [];
  const compared = hasReference(profile);
  const visits: Visit[] = [];

  const step: Script["step"] = async (who, text, action) => {
    const name = stepName(who, text);
    let ok = true;
    const differs: Differs = (about, expected, actual) => {
      ok = false;
      if (compared) differences.push({ about, message: name, expected, actual, atMs: elapsed() });
    };
    try {
      const result = await action((milliseconds) => waiting.patience(name, milliseconds), differs);
      record({ kind: "step", atMs: elapsed(), who, text, ok });
      return result;
    } catch (error) {
      record({ kind: "step", atMs: elapsed(), who, text, ok: false });
      if (!(error instanceof Deviation)) throw error;
      throw new StepFailure(name, error.deviationCause, error.expected, error.actual);
    }
  };

  const noted: Script["noted"] = (who, text, ok) => record({ kind: "step", atMs: elapsed(), who, text, ok });

  const wait = (milliseconds: number) => new Promise<void>((resolve) => void clock.after(milliseconds, resolve));

  const abridged = (milliseconds: number) => waiting.abridged(milliseconds);

  /** Without a reference there is nothing to compare with. */
  const asks: Asks = async (text, action) => {
    if (compared) await step("firewall", text, action);
  };

  return {
    ...{ side, family, profile, roles, hosts, step, noted, wait, abridged, differences },
    patience: (milliseconds) => waiting.ofPlayers(milliseconds),
    anchor: anchorView(options, asks, wait),
    log: {
      says: (text) =>
        asks(`proxy logs "${text}"`, async (patience, differs) => {
          const instead = await subjectLog.lacks(text, patience(LOG_PATIENCE_MS));
          if (instead !== undefined) differs("log", `a log line with "${text}"`, instead);
        }),
    },
    proxy: {
      terminates: async () => {
        if (terminates) await step("firewall", "proxy gets SIGTERM", stopSubject);
      },
    },
    thirdHost: {
      tries: (host, door) => intruder.tries(host, door, "a third host of the script"),
      wasVisited: (door, by) => void visits.push({ door, by }),
    },
    logged: (text) => subjectLog.add(text),
    visits,
  };
}

type Asks = (text: string, action: Parameters<Script["step"]>[2]) => Promise<void>;

/** @example "client opens data" */
const stepName = (who: Who, text: string): string => (who === "play" ? text : `${who} ${text}`);

function anchorView(options: PlayScriptOptions, asks: Asks, wait: (milliseconds: number) => Promise<void>): AnchorView {
  /** Rules of all sessions, in the anchors' order; most plays have one session. */
  const sessionRules = async () =>
    [...(await readAnchors(options.lab.firewall.pfctl, options.era)).values()].flat().map(asPfctlAccepts);

  /** Waits a little in real time, where a proxy that is a process may still be loading its rules. */
  const rulesInTime = async (expected: readonly string[], patienceMs: number) => {
    const since = options.elapsed();
    for (;;) {
      const held = await sessionRules();
      if (sameRules(held, expected) || options.elapsed() - since >= patienceMs) return held;
      await wait(RULES_PAUSE_MS);
    }
  };

  const holds = (what: string, expected: readonly string[]) =>
    asks(`anchor holds ${what}`, async (patience, differs) => {
      const held = await rulesInTime(expected, patience(0));
      if (!sameRules(held, expected)) differs("rules", rulesText(expected), rulesText(held));
    });

  return {
    holdsPassive: (ports) => holds("two passive rules", passiveRules(options, ports)),
    holdsActive: (ports) =>
      ports.withoutConsent === true && options.profile === "classic"
        ? holds("no rules yet", [])
        : holds("two active rules", activeRules(options, ports)),
    isEmpty: () => holds("no rules", []),
    holdsTogether: (negotiations) =>
      holds(
        `the rules of ${negotiations.length} sessions`,
        negotiations.flatMap((one) =>
          one.mode === "passive" ? passiveRules(options, one) : activeRules(options, one),
        ),
      ),
  };
}

const sameRules = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const rulesText = (rules: readonly string[]): string => (rules.length === 0 ? "no rules" : rules.join("\n"));

/** The lines that the subject has logged, and the scripts that wait for one. */
class SubjectLog {
  readonly #clock: Clock;
  readonly #lines: string[] = [];
  readonly #change = new Change();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(text: string): void {
    this.#lines.push(text);
    this.#change.happened();
  }

  /** Waits for a line with this text. Returns what was logged instead; undefined when it has come. */
  async lacks(text: string, patienceMs: number): Promise<string | undefined> {
    const found = () => this.#lines.some((line) => line.includes(text));
    await this.#change.until(found, this.#clock, patienceMs);
    if (found()) return undefined;
    return this.#lines.length === 0 ? "an empty log" : this.#lines.slice(-3).join("; ");
  }
}
