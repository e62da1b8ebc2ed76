/**
 * How a quirk is written: one file, the plain player and one deviation. The same file makes the player, which can meet
 * anybody, and a scenario: the quirk, its plain partner and their errands.
 *
 * @example
 * export default quirkyServer({
 *   title: "A 227 without parentheses",
 *   who: "Old embedded servers, after the figure in RFC 959 itself.",
 *   sources: ["RFC 959 §5.3.2"],
 *   families: ["inet"],
 *   replies: { PASV: ({ hostPort }) => `227 Entering passive mode. ${hostPort}` },
 *   expect: { "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }) },
 * });
 */

import type { Expectations } from "../../contract/expectation.ts";
import type { Peer } from "../../contract/lab.ts";
import type { Mode, Player, Scenario } from "../../contract/scenario.ts";
import { scenario } from "../script/scenario.ts";
import type { ClientBehaviour, Wish } from "./client-session.ts";
import { type ErrandsPart, ftpClient, ftpServer } from "./players.ts";
import type { FtpServer } from "./server.ts";
import type { ServerBehaviour } from "./server-session.ts";

type Circumstances = Partial<
  Pick<
    Scenario,
    | "families"
    | "sides"
    | "eras"
    | "needs"
    | "proxyArgs"
    | "pfConf"
    | "kernelRules"
    | "clientFrom"
    | "link"
    | "limitMs"
    | "priority"
  >
>;

interface QuirkText extends Circumstances {
  readonly title: string;
  /** Whose quirk it is, and what it does to a proxy. */
  readonly who: string;
  readonly sources: readonly string[];
  /** How the two negotiate data connections, errand by errand. Default: as the quirk's own replies or commands say. */
  readonly modes?: readonly Mode[];
  /** What its plain partner's user wants. Default: fetch and store a file. */
  readonly errands?: readonly Wish["what"][];
  /** Answers with the plain partner, by kind of subject. */
  readonly expect?: Expectations;
}

export interface QuirkyServerText extends QuirkText, ServerBehaviour {
  /** The commands by which the plain client asks for a data connection, one after the other until one works. */
  readonly negotiation?: readonly string[];
  /** Not on port 21. */
  readonly port?: number;
}

export interface QuirkyClientText extends QuirkText, ClientBehaviour {}

/** A quirky player, before anybody has met it. */
export interface Quirk {
  readonly quirk: Peer;
  readonly title: string;
  readonly who: string;
  readonly sources: readonly string[];
  readonly modes: readonly Mode[];
  readonly errands: readonly Wish[];
  readonly text: QuirkyServerText | QuirkyClientText;
  /** The quirk and its plain partner. `name`: its file's. */
  scenario(name: string): Scenario;
}

const ACTIVE = ["PORT", "EPRT", "LPRT"];

export function quirkyServer(text: QuirkyServerText): Quirk {
  const modes = modesOf(text, [...Object.keys({ ...text.replies, ...text.commands }), ...(text.negotiation ?? [])]);
  return quirkOf("server", text, modes, (name) => ({
    server: ftpServer(name, text, text.port === undefined ? {} : { port: text.port }),
    client: ftpClient("plain", text.negotiation === undefined ? {} : { negotiation: text.negotiation }),
  }));
}

export function quirkyClient(text: QuirkyClientText): Quirk {
  const modes = modesOf(text, [...Object.keys(text.commands ?? {}), ...(text.negotiation ?? [])]);
  return quirkOf("client", text, modes, (name) => ({ server: ftpServer("plain", {}), client: ftpClient(name, text) }));
}

function quirkOf(
  quirk: Peer,
  text: QuirkyServerText | QuirkyClientText,
  modes: readonly Mode[],
  players: (name: string) => { readonly client: Player<ErrandsPart>; readonly server: Player<FtpServer> },
): Quirk {
  const { title, who, sources, errands: whats = ["fetch", "store"] } = text;
  const errands = whats.map((what, index): Wish => ({ what, mode: modes[index % modes.length] ?? "passive" }));
  return {
    ...{ quirk, title, who, sources, modes, errands, text },
    scenario: (name) => ({
      ...scenario({
        ...{ title, sources, modes, quirk: who, priority: 2 as const },
        ...circumstancesOf(text),
        ...players(name),
        play: ({ client }) => client.does(errands),
        withoutProxy: { kind: "completes" },
      }),
    }),
  };
}

const modesOf = ({ modes }: QuirkText, names: readonly string[]): readonly Mode[] =>
  modes ?? (names.some((name) => ACTIVE.includes(name)) ? ["active"] : ["passive"]);

function circumstancesOf(text: QuirkText): Circumstances {
  const names = [
    ...["families", "sides", "eras", "needs", "proxyArgs", "pfConf", "kernelRules", "clientFrom", "link"],
    ...["limitMs", "priority"],
  ] as const;
  return Object.fromEntries(Object.entries(text).filter(([name]) => (names as readonly string[]).includes(name)));
}

export const isQuirk = (value: unknown): value is Quirk =>
  typeof value === "object" && value !== null && "quirk" in value && typeof (value as Quirk).scenario === "function";
