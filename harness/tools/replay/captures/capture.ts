/**
 * A capture: what the peers of a real ftp-proxy(8) sent and received, what it logged and which rules
 * it had, as read from one file.
 *
 * @example
 * const capture = parseCapture(text);
 * if (capture.kind === "dialogues") capture.dialogues[0].log[0]; // { text: "listening on 127.0.0.1 port 8021" }
 */

export type Capture =
  /** Mostly one run of the proxy; a file may hold the logs of several. */
  | { readonly kind: "dialogues"; readonly dialogues: readonly Dialogue[] }
  /** Invocations that end at once. */
  | { readonly kind: "command-lines"; readonly invocations: readonly Invocation[] }
  /** Not about the proxy. */
  | { readonly kind: "does-not-apply"; readonly reason: string };

/** One run of the proxy with its peers. */
export interface Dialogue {
  /** Arguments of ftp-proxy. */
  readonly args: readonly string[];
  /** Environment of a run on Linux (FTPPROXY_…). */
  readonly environment: Readonly<Record<string, string>>;
  readonly client: readonly PeerEvent[];
  readonly server: readonly PeerEvent[];
  /** The proxy's log, with the changes to the firewall in between where they were recorded. */
  readonly log: readonly JournalEntry[];
  /** PID in the anchors' names, where the capture shows one. */
  readonly pid?: number;
  /** The anchors after the session. */
  readonly finalAnchors?: string;
}

export interface Invocation {
  readonly args: readonly string[];
  readonly printed: string;
  readonly status: number;
}

/** `connection` counts the control connections of one peer from 0, in order of appearance. */
export type PeerEvent =
  | { readonly kind: "connect"; readonly connection: number }
  | { readonly kind: "send"; readonly connection: number; readonly bytes: Uint8Array; readonly how: SendingStyle }
  | { readonly kind: "receive"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: "receive-end"; readonly connection: number }
  | { readonly kind: "finish"; readonly connection: number }
  | { readonly kind: "reset"; readonly connection: number }
  /** `pfctl -a 'ftp-proxy/*' -sr` at this point. */
  | { readonly kind: "anchors"; readonly printed: string };

export type SendingStyle = "segment" | "byte-by-byte" | "urgent";

/** A line of the log, or one step of a change to the firewall: `[pf] DIOCXCOMMIT anchor=… rules=2`. */
export interface JournalEntry {
  readonly text: string;
  /** Known only where the capture went through syslog(3). */
  readonly level?: number;
}

export const isFirewallChange = ({ text }: JournalEntry): boolean => text.startsWith("[pf] ");
