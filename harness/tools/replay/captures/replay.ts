/**
 * Plays a capture of the real ftp-proxy(8) against ours and says whether ours agrees: the same log, in
 * the same order, the same changes to the firewall, the same bytes to both peers, and the anchors as
 * printed at each step.
 *
 * The peers' lines say what was sent; the real log says in which order it reached the proxy. Random
 * ports, the pid and what kernels answered are fed from the capture.
 *
 * @example
 * const result = await replayCapture("pasv4.txt", text);
 * if (result.kind === "disagrees") console.log(result.difference.expected, result.difference.actual);
 */

import { parseCommandLine } from "../../../../proxy/command-line.ts";
import { ConnectionError, type Host, type ListenOptions } from "../../../../proxy/host.ts";
import { resolveOptions } from "../../../../proxy/options.ts";
import { AnchorTable } from "../../../../proxy/pf/packet-filter.ts";
import { StartProblem, startProgram } from "../../../../proxy/program.ts";
import { ScriptedHost } from "../../../labs/sim/scripted-host.ts";
import { SeededRandom } from "../../../net/time/random.ts";
import type { CommandLines, Dialogue, Invocation, JournalEntry } from "./capture.ts";
import { type Cause, causeOf } from "./cause.ts";
import { compareAnchors, compareBytes, type Difference, expectedJournal } from "./compare-replay.ts";
import { parseCapture } from "./parse-capture.ts";
import { fromVisible } from "./parse-peer.ts";
import { factsOf } from "./replay-facts.ts";
import { ReplayWorld } from "./replay-world.ts";

export type ReplayResult =
  | { readonly kind: "agrees"; readonly name: string }
  | { readonly kind: "disagrees"; readonly name: string; readonly difference: Difference }
  | { readonly kind: "does-not-apply"; readonly name: string; readonly reason: string };

export async function replayCapture(name: string, text: string): Promise<ReplayResult> {
  const capture = parseCapture(name, text);
  if (capture.kind === "does-not-apply") return capture;
  const difference =
    capture.kind === "command-lines"
      ? await replayInvocations(capture)
      : await firstDifference(capture.kind === "several" ? capture.dialogues : [capture]);
  return difference === undefined ? { kind: "agrees", name } : { kind: "disagrees", name, difference };
}

async function firstDifference(dialogues: readonly Dialogue[]): Promise<Difference | undefined> {
  for (const dialogue of dialogues) {
    const difference = await replayDialogue(dialogue);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const noNames = { addresses: async () => [], service: async () => undefined };

async function replayDialogue(dialogue: Dialogue): Promise<Difference | undefined> {
  const facts = factsOf(dialogue);
  const parsed = parseCommandLine(dialogue.args);
  if (parsed.kind === "refused") return { what: "command line", expected: "accepted", actual: parsed.stderr };
  const rules = { clientRdomain: facts.clientRdomain, rtable: facts.rtable, era: "divert-to" } as const;
  const resolved = await resolveOptions(parsed.options, noNames, { pid: dialogue.pid ?? 1, rules });
  if (resolved.kind === "refused") return { what: "command line", expected: "accepted", actual: resolved.stderr };
  const world = await ReplayWorld.start(dialogue, resolved.options, facts);
  return (
    (await new Replay(dialogue, world, resolved.options.timeout).run()) ??
    compareAnchors(dialogue, world) ??
    compareBytes(dialogue, world)
  );
}

/** Least milliseconds per look at the log while a peer is silent, and what a connect may take. */
const glance = 250;
const connectLimit = 30_000;

class Replay {
  readonly #world: ReplayWorld;
  readonly #expected: readonly JournalEntry[];
  readonly #timeout: number;
  readonly #linesLogged: boolean;

  constructor(dialogue: Dialogue, world: ReplayWorld, timeout: number) {
    this.#world = world;
    this.#expected = expectedJournal(dialogue);
    this.#timeout = timeout * 1000;
    this.#linesLogged = this.#expected.some((entry) => /^#\d+ (client|server): /.test(entry.text));
  }

  async run(): Promise<Difference | undefined> {
    for (let checked = 0; ; ) {
      const { journal } = this.#world;
      for (; checked < journal.length; checked++) {
        const difference = compareEntries(this.#expected[checked], journal[checked]);
        if (difference !== undefined) return difference;
      }
      const next = this.#expected[checked];
      if (next === undefined) return undefined;
      const delivered = await this.#provoke(causeOf(next.text), checked);
      if (!delivered) return { what: "log", expected: next.text, actual: "(nothing more)" };
    }
  }

  /** False: nothing that the peers still have to send leads to this entry. */
  async #provoke(cause: Cause, at: number): Promise<boolean> {
    switch (cause.kind) {
      case "arrive":
        await this.#world.deliver(cause);
        return true;
      case "line":
      case "unclean":
        return this.#send(cause, at);
      case "finish":
      case "reset":
        for (const bytes of this.#world.peer(cause.from, cause.id)?.restBeforeEnd() ?? []) {
          await this.#world.deliver({ kind: "bytes", from: cause.from, id: cause.id, bytes });
        }
        await this.#world.deliver(cause);
        return this.#world.journal.length > at;
      case "silence":
        return this.#waitFor(at, cause.from === "server" ? Math.max(connectLimit, this.#timeout) : this.#timeout);
      case "signal":
        await this.#world.deliver(cause);
        return this.#world.journal.length > at;
      case "started":
        if (!this.#linesLogged) await this.#world.deliver({ kind: "arrive" });
        return this.#world.journal.length > at;
      case "negotiation":
        if (!this.#linesLogged) await this.#negotiate(cause);
        return this.#world.journal.length > at;
      case "none":
        return false;
      default:
        return cause satisfies never;
    }
  }

  async #send(cause: Cause & { kind: "line" | "unclean" }, at: number): Promise<boolean> {
    const { from, id } = cause;
    const peer = this.#world.peer(from, id);
    if (peer === undefined) return false;
    const lines = cause.kind === "line" ? this.#linesAhead(cause, at) : Number.POSITIVE_INFINITY;
    const scripted = peer.scripted ? peer.nextSegment(lines) : undefined;
    const bytes = scripted ?? (!peer.scripted && cause.kind === "line" ? wholeLine(cause.text) : undefined);
    if (bytes === undefined) return false;
    await this.#world.deliver({ kind: "bytes", from, id, bytes });
    return true;
  }

  /** How many lines of this peer stand in the log before another peer does something. */
  #linesAhead(cause: Cause & { kind: "line" }, at: number): number {
    let lines = 0;
    for (let ahead = at; ahead < this.#expected.length; ahead++) {
      const next = causeOf(this.#expected[ahead]?.text ?? "");
      if (next.kind === "none" || next.kind === "negotiation" || next.kind === "started") continue;
      if (next.kind !== "line" || next.from !== cause.from || next.id !== cause.id) break;
      lines++;
    }
    return lines;
  }

  async #waitFor(at: number, most: number): Promise<boolean> {
    const milliseconds = Math.max(glance, most / 400);
    for (let waited = 0; waited <= most + milliseconds; waited += milliseconds) {
      await this.#world.deliver({ kind: "wait", milliseconds });
      if (this.#world.journal.length > at) return true;
    }
    return false;
  }

  async #negotiate({ id, mode, port }: Cause & { kind: "negotiation" }): Promise<void> {
    const numbers = `${Math.floor(port / 256)},${port % 256}`;
    const say = (from: "client" | "server", text: string) =>
      this.#world.deliver({ kind: "bytes", from, id, bytes: fromVisible(text) });
    if (mode === "active") return say("client", `PORT 10,0,0,2,${numbers}\\r\\n`);
    await say("client", "PASV\\r\\n");
    await say("server", `227 Entering Passive Mode (198,51,100,9,${numbers})\\r\\n`);
  }
}

/** A logged line as bytes; one that the log has cut at 299 characters gets an end, which is cut again. */
function wholeLine(logged: string): Uint8Array {
  return fromVisible(logged.endsWith("\\n") ? logged : `${logged}\\r\\n`);
}

/** The captures that went through syslog(3) were written without CR. */
function withoutReturns(text: string | undefined): string | undefined {
  return text?.replaceAll("\\r\\n", "\\n");
}

function compareEntries(expected: JournalEntry | undefined, actual: JournalEntry | undefined): Difference | undefined {
  const what = (expected ?? actual)?.text.startsWith("[pf]") ? "rules" : "log";
  if (expected?.text !== (expected?.level === undefined ? actual?.text : withoutReturns(actual?.text))) {
    return { what, expected: expected?.text ?? "(nothing more)", actual: actual?.text ?? "(nothing more)" };
  }
  if (expected?.level === undefined || expected.level === actual?.level) return undefined;
  return { what: "level", expected: `${expected.level} ${expected.text}`, actual: `${actual?.level} ${actual?.text}` };
}

export async function replayInvocations(capture: CommandLines): Promise<Difference | undefined> {
  for (const invocation of capture.invocations) {
    const { printed, status } = await invoke(invocation);
    if (printed === invocation.printed && status === invocation.status) continue;
    const command = `ftp-proxy ${invocation.args.join(" ")}`;
    return {
      what: "command line",
      expected: `${command}: ${invocation.printed}status ${invocation.status}`,
      actual: `${command}: ${printed}status ${status}`,
    };
  }
  return undefined;
}

async function invoke({ args, printed }: Invocation): Promise<{ readonly printed: string; readonly status: number }> {
  const memory = new ScriptedHost({ address: "198.51.100.1", random: new SeededRandom(1) });
  const outcome = await startProgram(args, {
    host: hostWithout(memory, /bind failed/.test(printed)),
    resolver: { addresses: async () => [], service: async () => undefined },
    pid: 1,
    prepare: async () => new AnchorTable(),
    enter: async () => {
      if (printed.includes("pf is disabled")) throw new StartProblem("pf is disabled");
    },
  });
  if (outcome.kind === "exited") return { printed: outcome.stderr, status: outcome.status };
  const signal = /exiting on signal (\d+)/.exec(printed)?.[1];
  if (signal !== undefined) await outcome.proxy.stop(Number(signal));
  return { printed: memory.logged.map((line) => `${line.text}\n`).join(""), status: 0 };
}

/** The same host, whose address cannot be bound. */
function hostWithout(host: ScriptedHost, unbindable: boolean): Host {
  if (!unbindable) return host;
  const listen = async (_options: ListenOptions): Promise<never> => {
    throw new ConnectionError("EADDRNOTAVAIL", "no such address here");
  };
  return Object.assign(Object.create(host) as Host, { listen });
}
