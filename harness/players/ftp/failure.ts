/**
 * Why a client or a server cannot go on, in the words of the person who sits at it.
 *
 * @example
 * throw new Failure("silence", "hangs for 30 s");
 */

import type { ConnectionError } from "../../../proxy/host.ts";
import { Deviation } from "../../contract/script.ts";

export type FailureKind =
  | "silence"
  | "closed"
  | "reset"
  | "refused"
  | "no-answer"
  | "port taken"
  | "reply"
  | "incomplete"
  | "other";

export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;

  /** `notice`: what the user sees, as in `Service.notice`. */
  constructor(kind: FailureKind, notice: string) {
    super(notice);
    this.kind = kind;
  }
}

export const hang = (milliseconds: number): Failure =>
  new Failure("silence", `hangs for ${Math.round(milliseconds / 100) / 10} s`);

/** A connection that could not be made, or broke. */
export function failureOf(error: ConnectionError | undefined, waitedMs: number): Failure {
  switch (error?.code) {
    case "ECONNREFUSED":
      return new Failure("refused", "connection refused");
    case "ECONNRESET":
    case "EPIPE":
      return new Failure("reset", "connection reset");
    case undefined:
    case "ETIMEDOUT":
      return new Failure("no-answer", hang(waitedMs).message);
    case "EACCES":
    case "EADDRINUSE":
    case "EADDRNOTAVAIL":
      return new Failure("port taken", error?.message ?? "port taken");
    default:
      return new Failure("no-answer", error?.message ?? "no answer");
  }
}

/** A wait of a control channel that ended in vain. */
export function failureFrom(error: unknown, waitedMs: number): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof Deviation)) throw error;
  switch (error.deviationCause) {
    case "silence":
      return hang(waitedMs);
    case "reset":
      return new Failure("reset", "connection reset");
    default:
      return new Failure("closed", "connection closed");
  }
}
