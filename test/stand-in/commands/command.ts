/**
 * A command of OpenBSD as the stand-in guest answers it: arguments in, words and exit status out. What OpenBSD
 * refuses is refused with its own words; what the stand-in itself cannot do throws Unable, which is status 70.
 */

import type { Machine } from "../machine.ts";

export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** Working directory on the guest. */
  readonly cwd: string;
  /** Effective user. */
  readonly uid: number;
  readonly pid: number;
  readonly rdomain: number;
  /** All of standard input. */
  stdin(): Promise<string>;
  /** Writes at once, before the command ends. */
  write(stream: "stdout" | "stderr", bytes: Uint8Array | string): void;
  /** Settles when whoever called has gone, or has had enough. */
  readonly gone: Promise<void>;
}

export type Reply =
  | { readonly status: number; readonly stdout?: string; readonly stderr?: string }
  /** The caller becomes this program. */
  | { readonly exec: readonly string[] };

export type Command = (call: Call, machine: Machine) => Reply | Promise<Reply>;

/** errx(3), usage(): ends the command. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** OpenBSD would do it; the stand-in cannot. */
export class Unable extends Error {
  override readonly name = "Unable";
}

export const done = (stdout = ""): Reply => ({ status: 0, stdout });
