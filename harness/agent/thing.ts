/**
 * What an agent has in hand for the runner: a connection, a listener, a process, a file. Each has an
 * id on the line until it is closed.
 */

import type { Body } from "./frame.ts";

export interface Thing {
  /** A frame of the runner with this thing's id. */
  take(type: number, body: Uint8Array): unknown;
  /** Puts it away without ceremony; settles when it is closed. */
  drop(): unknown;
}

/** The way back to the runner. */
export interface Line {
  send(type: number, id: number, body?: Body | Uint8Array): void;
  /** The thing is gone: tells CLOSED, once. */
  closed(id: number, error?: unknown): void;
  /** Puts a thing under an id, replacing the one that is there. */
  also(id: number, thing: Thing): void;
}

/** The errno's name of an error of Node; what has none is an input/output error. */
export const errorCode = (error: unknown): string => {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : "EIO";
};
