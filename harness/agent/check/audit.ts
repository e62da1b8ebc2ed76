/**
 * Checks the frames on an agent's line against the rules of docs/agent-protocol.md for every line: ids and their CLOSED,
 * credit, the ends of streams. Pure.
 *
 * @example
 * const audit = new LineAudit();
 * const host = await AgentHost.greet(audited(startAgent("./agent", []), audit), …);
 * audit.take(); // ["CLOSED for id 7 (CONNECT), which had its CLOSED"]
 */

import {
  AGENT_GREETING,
  DATA_LIMIT,
  FIRST_AGENT_ID,
  FIRST_CREDIT,
  Fields,
  FRAME,
  type Frame,
  FrameReader,
  GreetingReader,
} from "../protocol/frame.ts";
import type { BytePipe } from "../runner/pipe.ts";

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(FRAME).map(([name, type]) => [type, name]));
const nameOf = (type: number): string => NAMES.get(type)?.toUpperCase() ?? `type ${type.toString(16).padStart(2, "0")}`;

/** An object of the protocol. */
interface Entry {
  /** The name of the frame that made it. */
  readonly what: string;
  /** Bytes that the agent may still send, and that it has not yet given credit for. */
  credit: number;
  owed: number;
  ended: boolean;
  /** A process's standard error, by its own id. */
  readonly errors?: number;
}

/** One leads to others. */
const COMPLAINTS_LIMIT = 3;

export class LineAudit {
  readonly #open = new Map<number, Entry>();
  readonly #closed = new Map<number, string>();
  readonly #complaints: string[] = [];
  #greeted = false;

  fromRunner({ type, id, body }: Frame): void {
    const entry = this.#open.get(id);
    if (entry === undefined) {
      // Frames for an object that has just been closed may still be on their way.
      if (this.#closed.has(id)) return;
      const errors = type === FRAME.spawn ? new Fields(body).u32() : undefined;
      this.#enter(id, nameOf(type), errors);
      if (errors !== undefined) this.#enter(errors, "standard error");
      return;
    }
    if (type === FRAME.data || type === FRAME.urgent) entry.owed += body.length;
    if (type === FRAME.credit) entry.credit += new Fields(body).u32();
  }

  fromAgent({ type, id, body }: Frame): void {
    if (!this.#greeted) {
      this.#greeted = true;
      if (type !== FRAME.hello || id !== 0) this.#complain(`the first frame is ${nameOf(type)}, not HELLO with id 0`);
      return;
    }
    const entry = this.#open.get(id);
    if (entry === undefined) {
      const was = this.#closed.get(id);
      const why = was === undefined ? `id ${id}, which is not in use` : `id ${id} (${was}), which had its CLOSED`;
      this.#complain(`${nameOf(type)} for ${why}`);
      return;
    }
    const complain = (what: string) => this.#complain(`${what}, id ${id} (${entry.what})`);
    switch (type) {
      case FRAME.data:
      case FRAME.urgent:
        entry.credit -= body.length;
        if (body.length === 0 || body.length > DATA_LIMIT) complain(`${nameOf(type)} of ${body.length} bytes`);
        if (entry.credit < 0) complain(`${-entry.credit} bytes more than there was credit for`);
        if (entry.ended) complain(`${nameOf(type)} after END`);
        return;
      case FRAME.end:
        if (entry.ended) complain("END twice");
        entry.ended = true;
        return;
      case FRAME.credit:
        entry.owed -= new Fields(body).u32();
        if (entry.owed < 0) complain(`CREDIT for ${-entry.owed} bytes more than were sent`);
        return;
      case FRAME.accepted:
        this.#accept(new Fields(body).u32());
        return;
      case FRAME.exited:
        if (!entry.ended || this.#open.get(entry.errors ?? id)?.ended === false) {
          complain("EXITED before the END of both output streams");
        }
        return;
      case FRAME.closed:
        this.#close(id, entry);
    }
  }

  /** The first complaints since the last call. */
  take(): string[] {
    return this.#complaints.splice(0).slice(0, COMPLAINTS_LIMIT);
  }

  #accept(id: number): void {
    if (id < FIRST_AGENT_ID) this.#complain(`ACCEPTED makes the id ${id}, which is one of the runner's`);
    if (this.#open.has(id)) this.#complain(`ACCEPTED makes the id ${id}, which is in use`);
    this.#closed.delete(id);
    this.#enter(id, "ACCEPTED");
  }

  #close(id: number, { what }: Entry): void {
    this.#open.delete(id);
    this.#closed.set(id, what);
    if (what !== "SWEEP") return;
    for (const [other, left] of this.#open) {
      this.#complain(`no CLOSED before SWEEP's for id ${other} (${left.what})`);
      this.#open.delete(other);
      this.#closed.set(other, left.what);
    }
  }

  #enter(id: number, what: string, errors?: number): void {
    const entry = { what, credit: FIRST_CREDIT, owed: 0, ended: false };
    this.#open.set(id, errors === undefined ? entry : { ...entry, errors });
  }

  #complain(what: string): void {
    this.#complaints.push(what);
  }
}

/** The same pipe; the audit sees each frame. */
export function audited(pipe: BytePipe, audit: LineAudit): BytePipe {
  const greeting = new GreetingReader(AGENT_GREETING);
  let fromAgent: FrameReader | undefined;
  let fromRunner: FrameReader | undefined;
  return {
    ...pipe,
    write(bytes) {
      // The first is the greeting, a line by itself.
      if (fromRunner === undefined) fromRunner = new FrameReader();
      else for (const one of fromRunner.add(bytes)) audit.fromRunner(one);
      pipe.write(bytes);
    },
    onBytes(handler) {
      pipe.onBytes((bytes) => {
        try {
          const rest = fromAgent === undefined ? greeting.add(bytes)?.rest : bytes;
          if (rest !== undefined) {
            fromAgent ??= new FrameReader();
            for (const one of fromAgent.add(rest)) audit.fromAgent(one);
          }
        } catch {
          // Not a frame, or a body that is too short: the reader of the line reports it.
        }
        handler(bytes);
      });
    },
  };
}
