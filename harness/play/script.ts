/**
 * The script of one play at work: runs each step, records it on the time line, asks the lab's firewall about the
 * anchor, and searches the log. Scenarios see it as `Script` (harness/contract/script.ts).
 */

import type { TimelineEvent } from "../../reports/model.ts";
import type { Era, Lab, Side } from "../contract/lab.ts";
import type { Roles } from "../contract/roles.ts";
import type { Stage } from "../contract/scenario.ts";
import {
  type AnchorView,
  Deviation,
  type LogView,
  type Patience,
  type ProxyView,
  type Script,
  StepFailure,
  type Who,
} from "../contract/script.ts";
import type { Profile } from "../contract/subject.ts";
import type { Family } from "../pf/packet.ts";
import { activeRules, passiveRules } from "./judgement/expected-rules.ts";
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
  /** Whether the subject keeps its rules in `ftp-proxy/*`. */
  readonly hasAnchor: boolean;
  readonly waiting: Waiting;
  /** Sends SIGTERM to the subject. */
  readonly stopSubject: () => Promise<void>;
  readonly record: (event: TimelineEvent) => void;
  /** Milliseconds since the play began. */
  readonly elapsed: () => number;
}

export class PlayScript implements Script {
  readonly #options: PlayScriptOptions;
  readonly #log: string[] = [];
  readonly #logWaiters = new Set<() => void>();
  readonly anchor: AnchorView;
  readonly log: LogView;
  readonly proxy: ProxyView;

  constructor(options: PlayScriptOptions) {
    this.#options = options;
    this.anchor = {
      holdsPassive: (ports) => this.#anchorHolds("two passive rules", passiveRules(options, ports)),
      holdsActive: (ports) => this.#anchorHolds("two active rules", activeRules(options, ports)),
      isEmpty: () => this.#anchorHolds("no rules", []),
      holdsTogether: (negotiations) =>
        this.#anchorHolds(
          `the rules of ${negotiations.length} sessions`,
          negotiations.flatMap((one) =>
            one.mode === "passive" ? passiveRules(options, one) : activeRules(options, one),
          ),
        ),
    };
    this.log = { says: (text) => this.#logSays(text) };
    this.proxy = {
      terminates: async () => {
        if (options.hasAnchor) await this.step("firewall", "proxy gets SIGTERM", options.stopSubject);
      },
    };
  }

  get side(): Side {
    return this.#options.side;
  }

  get family(): Family {
    return this.#options.family;
  }

  get profile(): Profile {
    return this.#options.profile;
  }

  get roles(): Roles {
    return this.#options.roles;
  }

  get hosts(): Lab["hosts"] {
    return this.#options.lab.hosts;
  }

  async step<T>(who: Who, text: string, action: (patience: Patience) => T | Promise<T>): Promise<T> {
    const { record, elapsed, waiting } = this.#options;
    try {
      const result = await action((milliseconds) => waiting.patience(stepName(who, text), milliseconds));
      record({ kind: "step", atMs: elapsed(), who, text, ok: true });
      return result;
    } catch (error) {
      record({ kind: "step", atMs: elapsed(), who, text, ok: false });
      if (error instanceof Deviation) {
        throw new StepFailure(stepName(who, text), error.deviationCause, error.expected, error.actual);
      }
      throw error;
    }
  }

  wait(milliseconds: number): Promise<void> {
    const { clock } = this.hosts.client;
    return new Promise((resolve) => void clock.after(milliseconds, resolve));
  }

  abridged(milliseconds: number): number {
    return this.#options.waiting.abridged(milliseconds);
  }

  /** The stage of the scenario: plain members, so a scenario may destructure it and put in another client. */
  stage<C, S>(client: C, server: S): Stage<C, S> {
    const { side, family, profile, roles, hosts, anchor, log, proxy } = this;
    const step: Script["step"] = (who, text, action) => this.step(who, text, action);
    const wait = (milliseconds: number) => this.wait(milliseconds);
    const abridged = (milliseconds: number) => this.abridged(milliseconds);
    return { side, family, profile, roles, hosts, anchor, log, proxy, step, wait, abridged, client, server };
  }

  /** Takes each line that the subject logs. */
  logged(text: string): void {
    this.#log.push(text);
    for (const look of [...this.#logWaiters]) look();
  }

  async #anchorHolds(what: string, expected: readonly string[]): Promise<void> {
    if (!this.#options.hasAnchor) return;
    await this.step("firewall", `anchor holds ${what}`, async (patience) => {
      const held = await this.#rulesInTime(expected, patience(0));
      if (JSON.stringify(held) === JSON.stringify(expected)) return;
      const show = (rules: readonly string[]) => (rules.length === 0 ? "no rules" : rules.join("\n"));
      throw new Deviation("other-rules", show(expected), show(held));
    });
  }

  /** Waits a little in real time, where a proxy that is a process may still be loading its rules. */
  async #rulesInTime(expected: readonly string[], patienceMs: number): Promise<string[]> {
    const since = this.#options.elapsed();
    for (;;) {
      const held = await this.#sessionRules();
      if (JSON.stringify(held) === JSON.stringify(expected)) return held;
      if (this.#options.elapsed() - since >= patienceMs) return held;
      await this.wait(RULES_PAUSE_MS);
    }
  }

  /** Rules of all sessions, in the anchors' order; most plays have one session. */
  async #sessionRules(): Promise<string[]> {
    const { lab, era } = this.#options;
    return [...(await readAnchors(lab.firewall.pfctl, era)).values()].flat().map(asPfctlAccepts);
  }

  /** Enough to see which lines were logged instead. */
  #lastLogged(): string {
    return this.#log.length === 0 ? "an empty log" : this.#log.slice(-3).join("; ");
  }

  async #logSays(text: string): Promise<void> {
    if (!this.#options.hasAnchor) return;
    await this.step("firewall", `proxy logs "${text}"`, async (patience) => {
      const found = () => this.#log.some((line) => line.includes(text));
      if (found()) return;
      await new Promise<void>((resolve, reject) => {
        const finish = (settle: () => void) => {
          this.#logWaiters.delete(look);
          timer.cancel();
          settle();
        };
        const look = () => {
          if (found()) finish(resolve);
        };
        const timer = this.hosts.client.clock.after(patience(LOG_PATIENCE_MS), () =>
          finish(() => reject(new Deviation("silence", `a log line with "${text}"`, this.#lastLogged()))),
        );
        this.#logWaiters.add(look);
      });
    });
  }
}

/** `client opens data`: as `stopsAt` names it. */
const stepName = (who: Who, text: string): string => (who === "play" ? text : `${who} ${text}`);
