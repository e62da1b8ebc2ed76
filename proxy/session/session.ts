/**
 * One control connection between a client and a server, as a pure state machine: bytes, ends and
 * timeouts go in; lines to send, rules to load and log lines come out.
 *
 * Promises: no line that makes a peer use a data port is sent before its rules have been loaded;
 * inputs that arrive during a load wait, in order; `drop` comes exactly once, followed by
 * `close`; no input throws.
 *
 * @example
 * const session = new ControlSession(setup, host.random);
 * for (const action of session.start()) perform(action);
 * for (const action of session.handle({ kind: "bytes", from: "client", bytes })) perform(action);
 */

import type { Random } from "../host.ts";
import type { Action, Peer, SessionInput } from "./action.ts";
import { inspectCommand } from "./inspect-command.ts";
import { inspectReply, ReplyPairing } from "./inspect-reply.ts";
import { LineAssembler } from "./line-assembler.ts";
import * as lines from "./log-lines.ts";
import { toBytes, toText } from "./octets.ts";
import { renderRuleset } from "./ruleset.ts";
import type { SessionSetup } from "./setup.ts";
import type { Pending, Verdict } from "./verdict.ts";

/** Milliseconds for the connect and for the first byte from the server. Source: ftp-proxy.c 1.41, CONNECT_TIMEOUT. */
const connectLimit = 30_000;

/** The line that waits for its rules. */
interface Held {
  readonly to: Peer;
  readonly line: string;
  readonly log?: lines.LogLine;
}

const opposite = { client: "server", server: "client" } as const;

export class ControlSession {
  readonly #setup: SessionSetup;
  readonly #random: Random;
  readonly #assemblers = { client: new LineAssembler(), server: new LineAssembler() };
  readonly #pairing: ReplyPairing | undefined;
  #actions: Action[] = [];
  /** Inputs that came while rules were being loaded. */
  #waiting: SessionInput[] = [];
  #held: Held | undefined;
  #ended = false;
  #serverSpoke = false;
  readonly #lineBegun = { client: false, server: false };
  #tls: "no" | "asked" | "on" = "no";
  /** The real program's whole memory: the last client line, if it negotiates. */
  #pending: Pending | undefined;

  constructor(setup: SessionSetup, random: Random) {
    this.#setup = setup;
    this.#random = random;
    this.#pairing = setup.extensions.matchReplies ? new ReplyPairing() : undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** True while rules are being loaded: the moment to stop reading from both peers. */
  get loading(): boolean {
    return this.#held !== undefined;
  }

  /** Called once, when the connection to the server is under way. */
  start(): readonly Action[] {
    const { id, count, maxSessions, client, server, proxy, generation, timeout } = this.#setup;
    this.#log(lines.started(id, count, maxSessions, client, server, proxy, generation !== "modern"));
    this.#actions.push({ kind: "idle-limit", from: "client", milliseconds: timeout * 1000 });
    this.#actions.push({ kind: "idle-limit", from: "server", milliseconds: connectLimit });
    return this.#take();
  }

  handle(input: SessionInput): readonly Action[] {
    if (this.#ended) return [];
    if (input.kind === "rules-loaded" || input.kind === "rules-failed") this.#answerLoad(input);
    else if (this.#held !== undefined && input.kind !== "stop") this.#waiting.push(input);
    else this.#process(input);
    return this.#take();
  }

  #take(): readonly Action[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #process(input: Exclude<SessionInput, { kind: "rules-loaded" | "rules-failed" }>): void {
    const { id } = this.#setup;
    switch (input.kind) {
      case "bytes":
        if (input.from === "server") this.#noteServerSpoke();
        this.#assemblers[input.from].push(input.bytes);
        this.#drain(input.from);
        break;
      case "end":
        this.#end(input.from === "client" ? lines.clientClosed(id) : lines.serverClosed(id));
        break;
      case "reset":
        if (input.from === "client") this.#end(input.writing ? lines.clientWriteFailed(id) : lines.clientReset(id));
        else
          this.#end(input.writing ? lines.serverWriteFailed(id) : lines.serverRefused(id), "No connection to server");
        break;
      case "timeout":
        if (input.from === "client") this.#end(lines.clientTimedOut(id), "Timeout");
        else this.#end(lines.serverTimedOut(id), "Server does not answer");
        break;
      case "line-timeout":
        this.#end(lines.slowLine(id, input.from), "Line took too long");
        break;
      case "stop":
        this.#end(undefined, "Service not available");
        break;
      default:
        input satisfies never;
    }
  }

  #noteServerSpoke(): void {
    if (this.#serverSpoke) return;
    this.#serverSpoke = true;
    this.#actions.push({ kind: "idle-limit", from: "server", milliseconds: this.#setup.timeout * 1000 });
  }

  /** Takes the lines of one peer until none is left, the session ends, or rules must be loaded first. */
  #drain(from: Peer): void {
    const assembler = this.#assemblers[from];
    while (!this.#ended && this.#held === undefined) {
      if (this.#tls === "on") {
        this.#send(opposite[from], assembler.takeRest());
        return;
      }
      const next = assembler.next();
      if (next.kind === "incomplete") {
        this.#limitLine(from, assembler.pending > 0);
        return;
      }
      if (next.kind === "unclean") {
        const { id } = this.#setup;
        this.#end(from === "client" ? lines.uncleanCommand(id) : lines.uncleanReply(id), "Line too long or not clean");
        return;
      }
      this.#limitLine(from, false);
      if (this.#setup.logLevel >= lines.debug) this.#log(lines.heard(this.#setup.id, from, toText(next.bytes)));
      if (from === "client") this.#clientLine(next.bytes);
      else this.#serverLine(next.bytes);
    }
  }

  /** The limit runs from the first byte of a line, however many come after it. */
  #limitLine(from: Peer, begun: boolean): void {
    const { lineTimeout } = this.#setup.extensions;
    if (lineTimeout === 0 || this.#lineBegun[from] === begun) return;
    this.#lineBegun[from] = begun;
    this.#actions.push({ kind: "line-limit", from, milliseconds: begun ? lineTimeout * 1000 : 0 });
  }

  #clientLine(bytes: Uint8Array): void {
    const verdict = inspectCommand(bytes, this.#setup, this.#random);
    const pending = verdict.kind === "forward" || verdict.kind === "rewrite" ? verdict.pending : undefined;
    // Source: ftp-proxy.c 1.41, client_parse: every client line first clears the memory.
    this.#pending = pending;
    if (verdict.kind !== "answer") this.#pairing?.command(pending);
    if (this.#setup.extensions.tls) this.#tls = /^auth[ \t]/i.test(toText(bytes.subarray(0, 5))) ? "asked" : "no";
    this.#perform(verdict, "client", bytes);
  }

  #serverLine(bytes: Uint8Array): void {
    const pending = this.#pairing === undefined ? this.#pending : this.#pairing.reply(toText(bytes));
    this.#pending = undefined;
    if (pending === undefined) this.#send("client", bytes);
    else this.#perform(inspectReply(toText(bytes), pending, this.#setup, this.#random), "server", bytes);
    if (this.#tls === "asked") this.#answerTls(toText(bytes.subarray(0, 4)));
  }

  /** Source: RFC 4217, 4: after the final 234 the next byte belongs to TLS. */
  #answerTls(code: string): void {
    if (!/^[2-5]\d\d /.test(code)) return;
    this.#tls = code === "234 " ? "on" : "no";
    if (this.#tls === "on") this.#log(lines.tlsStarted(this.#setup.id));
  }

  #perform(verdict: Verdict, from: Peer, bytes: Uint8Array): void {
    switch (verdict.kind) {
      case "forward":
        this.#send(opposite[from], bytes);
        break;
      case "rewrite":
        for (const line of verdict.logs) this.#log(line);
        this.#send(opposite[from], toBytes(verdict.line));
        break;
      case "open":
        for (const line of verdict.logs) this.#log(line);
        this.#held = { to: opposite[from], line: verdict.line, ...(verdict.held && { log: verdict.held }) };
        this.#actions.push({ kind: "load", rules: renderRuleset(verdict.path, this.#setup.rules) });
        break;
      case "answer":
        for (const line of verdict.logs) this.#log(line);
        this.#send("client", toBytes(verdict.line));
        break;
      case "end":
        this.#end(verdict.log, verdict.why);
        break;
      default:
        verdict satisfies never;
    }
  }

  #answerLoad(input: SessionInput & { kind: "rules-loaded" | "rules-failed" }): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    // The real program logs the rewritten reply between opening the transaction and adding rules.
    if (held.log !== undefined && (input.kind === "rules-loaded" || input.failure.stage !== "begin"))
      this.#log(held.log);
    if (input.kind === "rules-failed") {
      this.#end(lines.loadFailed(this.#setup.id, input.failure.reason), "Firewall refused");
      return;
    }
    this.#send(held.to, toBytes(held.line));
    this.#catchUp(opposite[held.to]);
  }

  /** First the rest of the segment that held the line, then the inputs that came meanwhile. */
  #catchUp(from: Peer): void {
    this.#drain(from);
    while (!this.#ended && this.#held === undefined) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (next.kind !== "rules-loaded" && next.kind !== "rules-failed") this.#process(next);
    }
  }

  #end(line: lines.LogLine | undefined, why?: string): void {
    const { id, extensions } = this.#setup;
    if (line !== undefined) this.#log(line);
    this.#log(lines.ending(id));
    if (extensions.reply421 && why !== undefined) this.#send("client", toBytes(`421 ${why}\r\n`));
    this.#ended = true;
    this.#held = undefined;
    this.#waiting = [];
    this.#actions.push({ kind: "drop" }, { kind: "close" });
  }

  #send(to: Peer, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#actions.push({ kind: "send", to, bytes });
  }

  #log(line: lines.LogLine): void {
    if (line.level <= this.#setup.logLevel) this.#actions.push({ kind: "log", level: line.level, text: line.text });
  }
}
