/**
 * A capture: what the peers of a real ftp-proxy(8) sent and received, what it logged and which rules
 * it had, as read from one file.
 *
 * @example
 * const capture = parseCapture("pasv4.txt", text);
 * if (capture.kind === "dialogue") capture.log[0]; // { kind: "log", text: "listening on 127.0.0.1 port 8021" }
 */

export type Capture = Dialogue | SeveralDialogues | CommandLines | NotAboutTheProxy;

/** One run of the proxy with its peers. */
export interface Dialogue {
  readonly kind: "dialogue";
  readonly name: string;
  /** Arguments of ftp-proxy. */
  readonly args: readonly string[];
  /** Environment of the run natively on Linux (FTPPROXY_…). */
  readonly environment: Readonly<Record<string, string>>;
  readonly client: readonly PeerEvent[];
  readonly server: readonly PeerEvent[];
  /** The proxy's log, with the changes to the firewall in between where they were recorded. */
  readonly log: readonly LogEvent[];
  /** PID in the anchors' names, where one is to be seen. */
  readonly pid?: number;
  /** The anchors after the session. */
  readonly finalAnchors?: string;
}

/** One file with the logs of several runs. */
export interface SeveralDialogues {
  readonly kind: "several";
  readonly name: string;
  readonly dialogues: readonly Dialogue[];
}

/** Invocations that end at once: arguments, what is printed, exit status. */
export interface CommandLines {
  readonly kind: "command-lines";
  readonly name: string;
  readonly invocations: readonly Invocation[];
}

export interface Invocation {
  readonly args: readonly string[];
  readonly printed: string;
  readonly status: number;
}

export interface NotAboutTheProxy {
  readonly kind: "does-not-apply";
  readonly name: string;
  readonly reason: string;
}

/** `connection` counts the control connections of one side from 0, in order of appearance. */
export type PeerEvent =
  | { readonly kind: "connect"; readonly connection: number; readonly local?: string }
  | { readonly kind: "send"; readonly connection: number; readonly bytes: Uint8Array; readonly how: SendingStyle }
  | { readonly kind: "receive"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: "receive-end"; readonly connection: number }
  /** The peer was reset: bytes on their way may be missing. */
  | { readonly kind: "receive-error"; readonly connection: number }
  | { readonly kind: "quiet"; readonly milliseconds: number }
  | { readonly kind: "finish"; readonly connection: number }
  | { readonly kind: "reset"; readonly connection: number }
  /** `pfctl -a 'ftp-proxy/*' -sr` at this point. */
  | { readonly kind: "anchors"; readonly printed: string };

export type SendingStyle = "segment" | "byte-by-byte" | "urgent";

export type LogEvent =
  | { readonly kind: "log"; readonly text: string; readonly level?: number }
  /** One step of a change to the firewall, in the words of the native captures. */
  | { readonly kind: "pf"; readonly text: string };

/** One entry of the log or one change to the firewall, in the form that is compared. */
export interface JournalEntry {
  readonly text: string;
  /** Known only where the capture went through syslog(3). */
  readonly level?: number;
}
