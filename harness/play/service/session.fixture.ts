/**
 * For tests: small hand-made facts. Lines are written as they cross the wires, one each millisecond.
 *
 * @example
 * factsWith(sessionOf({ lines: ["S 220 Ready", "C USER anonymous", …] }))
 */

import type { Peer } from "../../contract/lab.ts";
import type { DataConnection, End, Facts, Line, Session, Wire } from "./facts.ts";

export const CLIENT = "10.0.0.5";
export const SERVER = "198.51.100.7";
export const FIREWALL = "198.51.100.1";

export const wire = (from: string, to: string, rest: Partial<Wire> = {}): Wire => ({
  opener: { address: from, port: 40_000 },
  target: { address: to, port: 21 },
  ...{ isn: 1, openedMs: 0, state: "open", ends: [], toTarget: 100, toOpener: 100 },
  ...rest,
});

export interface SessionText {
  /**
   * `S 220 Ready`: from the server, on both networks. `C PASV`: from the client. `S> 227 …`: it came to the firewall and
   * went no further. `P> 500 …`: the proxy's own words to the client. `S 227 (a) => 227 (b)`: rewritten.
   */
  readonly lines: readonly string[];
  readonly proxied?: boolean;
  readonly clientEnds?: readonly End[];
  readonly serverEnds?: readonly End[];
}

export function sessionOf({ lines, proxied = true, clientEnds = [], serverEnds = [] }: SessionText): Session {
  return {
    ...{ number: 1, proxied, lines: lines.flatMap(linesOf), unfinished: { client: "", server: "" } },
    client: wire(CLIENT, SERVER, { ends: clientEnds }),
    server: wire(FIREWALL, SERVER, { isn: 2, ends: serverEnds }),
  };
}

function linesOf(text: string, index: number): Line[] {
  const [, who, stays, rest = ""] = /^([CSP])(>?) (.*)$/.exec(text) ?? [];
  const [sent = "", got = sent] = rest.split(" => ");
  const from: Peer = who === "C" ? "client" : "server";
  const towards: Peer = from === "client" ? "server" : "client";
  const arriving: Line = { atMs: index + 1, leg: from, towards, text: sent, opaque: false };
  const rewritten = got === sent ? {} : { insteadOf: sent };
  const leaving: Line = { ...arriving, leg: towards, text: got, ...rewritten };
  if (who === "P") return [leaving];
  return stays === ">" ? [arriving] : [arriving, leaving];
}

export const LOGGED_IN = [
  "S 220 Ready",
  "C USER anonymous",
  "S 331 Password?",
  "C PASS guest",
  "S 230 Logged in",
] as const;

export const factsWith = (session: Session, rest: Partial<Facts> = {}): Facts => ({
  ...{ sessions: [session], data: [], vainDials: [], drops: [], log: [], unrewritten: [] },
  ...{ doneMs: 30_000, own: { client: CLIENT, server: SERVER } },
  ...rest,
});

/** The client's data connection to that port, opened at that time, with this many bytes from the server. */
export function download(port: number, openedMs: number, rest: Partial<DataConnection> = {}): DataConnection {
  const near = wire(CLIENT, SERVER, { target: { address: SERVER, port }, openedMs, toTarget: 0, toOpener: 1_000 });
  return { opener: "client", near: { ...near, state: "closed" }, far: near, intact: true, ...rest };
}
