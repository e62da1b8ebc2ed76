/**
 * Plays a capture of the real ftp-proxy(8) against ours and reports the first difference, if any: the
 * same log, in the same order, the same changes to the firewall, the same bytes to both peers, and the
 * anchors as printed at each step. For a list of invocations: the same text and exit status.
 *
 * The peers' lines say what was sent; the real log says in which order it reached the proxy. Random
 * ports, the pid and the kernel's answers come from the capture.
 *
 * @example
 * const result = await replayCapture("pasv4.txt", text);
 * if (result.kind === "disagrees") console.log(result.difference.expected, result.difference.actual);
 */

import { parseCommandLine } from "../../../../proxy/command-line.ts";
import { ConnectionError } from "../../../../proxy/host.ts";
import { resolveOptions } from "../../../../proxy/options.ts";
import { AnchorTable } from "../../../../proxy/pf/packet-filter.ts";
import { StartProblem, startProgram } from "../../../../proxy/program.ts";
import { ScriptedHost } from "../../../labs/sim/scripted-host.ts";
import { SeededRandom } from "../../../net/time/random.ts";
import type { Dialogue, Invocation, JournalEntry } from "./capture.ts";
import { type Cause, causeOf } from "./cause.ts";
import { compareAnchors, compareBytes, compareEntries, type Difference, expectedJournal } from "./compare-replay.ts";
import { parseCapture } from "./parse-capture.ts";
import { fromVisible } from "./parse-peer.ts";
import { factsOf } from "./replay-facts.ts";
import { ReplayWorld } from "./replay-world.ts";

export type ReplayResult =
  | { readonly kind: "agrees"; readonly name: string }
  | { readonly kind: "disagrees"; readonly name: string; readonly difference: Difference }
  | { readonly kind: "does-not-apply"; readonly name: string; readonly reason: string };

export async function replayCapture(name: string, text: string): Promise<ReplayResult> {
  const capture = parseCapture(text);
  if (capture.kind === "does-not-apply") return { ...capture, name };
  const difference =
    capture.kind === "command-lines"
      ? await firstDifference(capture.invocations, replayInvocation)
      : await firstDifference(capture.dialogues, replayDialogue);
  return difference === undefined ? { kind: "agrees", name } : { kind: "disagrees", name, difference };
}

async function firstDifference<Part>(
  parts: readonly Part[],
  replay: (part: Part) => Promise<Difference | undefined>,
): Promise<Difference | undefined> {
  for (const part of parts) {
    const difference = await replay(part);
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
    this.#expected = expectedJournal(dialogue.log);
    this.#timeout = timeout * 1000;
    this.#linesLogged = this.#expected.some((entry) => /^#\d+ (client|server): /.test(entry.text));
  }

  async run(): Promise<Difference | undefined> {
    const { journal } = this.#world;
    for (let checked = 0; ; ) {
      for (; checked < journal.length; checked++) {
        const difference = compareEntries(this.#expected[checked], journal[checked]);
        if (difference !== undefined) return difference;
      }
      const next = this.#expected[checked];
      if (next === undefined) return undefined;
      const acted = await this.#provoke(causeOf(next.text), checked);
      if (!acted) return { what: "log", expected: next.text, actual: "(nothing more)" };
    }
  }

  /** False: nothing that the peers still have to send leads to this entry. */
  async #provoke(cause: Cause, at: number): Promise<boolean> {
    const world = this.#world;
    switch (cause.kind) {
      case "arrive":
        await world.arrive();
        return true;
      case "line":
      case "unclean":
        return this.#send(cause, at);
      case "silence":
        return this.#waitFor(at, cause.from === "server" ? Math.max(connectLimit, this.#timeout) : this.#timeout);
      case "finish":
      case "reset":
        for (const bytes of world.peers[cause.from].get(cause.id)?.restBeforeEnd() ?? []) {
          await world.send(cause.from, cause.id, bytes);
        }
        await world[cause.kind](cause.from, cause.id);
        break;
      case "signal":
        await world.signal(cause.signal);
        break;
      case "started":
        if (!this.#linesLogged) await world.arrive();
        break;
      case "negotiation":
        if (!this.#linesLogged) await this.#negotiate(cause);
        break;
      case "none":
        return false;
      default:
        return cause satisfies never;
    }
    return world.journal.length > at;
  }

  async #send(cause: Cause & { kind: "line" | "unclean" }, at: number): Promise<boolean> {
    const { from, id } = cause;
    const peer = this.#world.peers[from].get(id);
    if (peer === undefined) return false;
    const lines = cause.kind === "line" ? this.#linesAhead(cause, at) : Number.POSITIVE_INFINITY;
    const unscripted = cause.kind === "line" ? wholeLine(cause.text) : undefined;
    const bytes = peer.scripted ? peer.nextSegment(lines) : unscripted;
    if (bytes === undefined) return false;
    await this.#world.send(from, id, bytes);
    return true;
  }

  /** How many lines of this peer the log has before another peer does something. */
  #linesAhead(cause: Cause & { kind: "line" }, at: number): number {
    const ahead = this.#expected.slice(at).map((entry) => causeOf(entry.text));
    const acts = ahead.filter(({ kind }) => kind !== "none" && kind !== "negotiation" && kind !== "started");
    const other = acts.findIndex((act) => act.kind !== "line" || act.from !== cause.from || act.id !== cause.id);
    return other < 0 ? acts.length : other;
  }

  async #waitFor(at: number, most: number): Promise<boolean> {
    const milliseconds = Math.max(glance, most / 400);
    for (let waited = 0; waited <= most + milliseconds; waited += milliseconds) {
      await this.#world.wait(milliseconds);
      if (this.#world.journal.length > at) return true;
    }
    return false;
  }

  async #negotiate({ id, mode, port }: Cause & { kind: "negotiation" }): Promise<void> {
    const numbers = `${Math.floor(port / 256)},${port % 256}`;
    const say = (from: "client" | "server", text: string) => this.#world.send(from, id, fromVisible(text));
    if (mode === "active") return say("client", `PORT 10,0,0,2,${numbers}\\r\\n`);
    await say("client", "PASV\\r\\n");
    await say("server", `227 Entering Passive Mode (198,51,100,9,${numbers})\\r\\n`);
  }
}

/** A logged line as bytes; one that the log has cut at 299 characters gets an end, which is cut again. */
function wholeLine(logged: string): Uint8Array {
  return fromVisible(logged.endsWith("\\n") ? logged : `${logged}\\r\\n`);
}

async function replayInvocation(invocation: Invocation): Promise<Difference | undefined> {
  const { printed, status } = await invoke(invocation);
  if (printed === invocation.printed && status === invocation.status) return undefined;
  const command = `ftp-proxy ${invocation.args.join(" ")}`;
  return {
    what: "command line",
    expected: `${command}: ${invocation.printed}status ${invocation.status}`,
    actual: `${command}: ${printed}status ${status}`,
  };
}

async function invoke({ args, printed }: Invocation): Promise<{ readonly printed: string; readonly status: number }> {
  const host = new ScriptedHost({ addresses: ["198.51.100.1", "10.0.0.1"], random: new SeededRandom(1) });
  if (printed.includes("bind failed")) {
    host.listen = () => Promise.reject(new ConnectionError("EADDRNOTAVAIL", "no such address here"));
  }
  const outcome = await startProgram(args, {
    host,
    resolver: noNames,
    pid: 1,
    prepare: async () => new AnchorTable(),
    enter: async () => {
      if (printed.includes("pf is disabled")) throw new StartProblem("pf is disabled");
    },
  });
  if (outcome.kind === "exited") return { printed: outcome.stderr, status: outcome.status };
  const signal = /exiting on signal (\d+)/.exec(printed)?.[1];
  if (signal !== undefined) await outcome.proxy.stop(Number(signal));
  return { printed: host.logged.map((line) => `${line.text}\n`).join(""), status: 0 };
}
