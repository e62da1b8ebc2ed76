/** Channels of the line to one agent: each connection, listener, process, file and request has one, with an id. */

import type { Body } from "../protocol/frame.ts";

/** What the runner's end of the line offers to whatever has a channel on it. */
export interface Channels {
  readonly canUrgent: boolean;
  send(type: number, id: number, body?: Body | Uint8Array): void;
  /** Returns the channel's id: a new one, unless the agent has made it. */
  open(channel: Channel, id?: number): number;
}

export interface Channel {
  /** A frame of the agent, other than CLOSED. */
  receive(type: number, body: Uint8Array): void;
  /** CLOSED has come, or the agent is gone. An empty code: no error. */
  closed(code: string, message: string): void;
}
