/** The runner's end of the line to one agent, as the things on it see it. */

import type { Body } from "./frame.ts";

export interface Wire {
  readonly canUrgent: boolean;
  send(type: number, id: number, body?: Body | Uint8Array): void;
  /** Takes an id for a new thing, or that of one that the agent has made. */
  enter(channel: Channel, id?: number): number;
}

/** What has an id on the line. */
export interface Channel {
  take(type: number, body: Uint8Array): void;
  /** The agent is gone, or has closed it. */
  lost(code: string, message: string): void;
}
