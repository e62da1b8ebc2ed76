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

import type { ErrandsPart, Wish } from "../../contract/errands.ts";
import { type Expectations, fails } from "../../contract/expectation.ts";
import type { Peer } from "../../contract/lab.ts";
import type { Mode, Player, Scenario } from "../../contract/scenario.ts";
import type { Family } from "../../pf/packet.ts";
import { scenario } from "../script/scenario.ts";
import type { ClientBehaviour } from "./client-session.ts";
import { ftpClient, ftpServer } from "./players.ts";
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
  /** The category of its scenario. Default: its first mode. */
  readonly topic?: string;
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

/** A quirky player, before it has met any other. */
interface QuirkOf<P extends Peer, Behaviour> {
  readonly quirk: P;
  readonly title: string;
  readonly who: string;
  readonly sources: readonly string[];
  /** The category of its scenario: `passive`, `framing` … */
  readonly topic: string;
  readonly modes: readonly Mode[];
  readonly families: readonly Family[];
  readonly errands: readonly Wish[];
  /** Answers with the plain partner, by kind of subject. */
  readonly expect: Expectations;
  /** In what it differs from the plain player. */
  readonly behaviour: Behaviour;
  /** What else its plays need: options of the proxy, a slow link, another pf.conf … */
  readonly circumstances: Circumstances;
  /** The quirk and its plain partner. `name`: its file's. */
  scenario(name: string): Scenario;
}

export type ServerQuirk = QuirkOf<"server", ServerBehaviour>;
export type ClientQuirk = QuirkOf<"client", ClientBehaviour>;
export type Quirk = ServerQuirk | ClientQuirk;
/** The quirks of that peer. */
export type QuirkFor<P extends Peer> = P extends "server" ? ServerQuirk : ClientQuirk;

const ACTIVE = ["PORT", "EPRT", "LPRT"];

export function quirkyServer(text: QuirkyServerText): ServerQuirk {
  const { negotiation, port } = text;
  const facts = factsOf(text, [...Object.keys({ ...text.replies, ...text.commands }), ...(negotiation ?? [])]);
  return {
    ...{ quirk: "server", ...facts, behaviour: text },
    scenario: (name) =>
      scenarioOf(facts, {
        server: ftpServer(name, text, port === undefined ? {} : { port }),
        client: ftpClient("plain", negotiation === undefined ? {} : { negotiation }),
      }),
  };
}

export function quirkyClient(text: QuirkyClientText): ClientQuirk {
  const facts = factsOf(text, [...Object.keys(text.commands ?? {}), ...(text.negotiation ?? [])]);
  return {
    ...{ quirk: "client", ...facts, behaviour: text },
    scenario: (name) => scenarioOf(facts, { server: ftpServer("plain", {}), client: ftpClient(name, text) }),
  };
}

type Facts = Omit<QuirkOf<Peer, unknown>, "quirk" | "behaviour" | "scenario">;

/** `names`: the commands that its text is about. */
function factsOf(text: QuirkText & { readonly negotiation?: readonly string[] }, names: readonly string[]): Facts {
  const { title, who, sources, families = ["inet", "inet6"], errands = ["fetch", "store"] } = text;
  const modes = text.modes ?? [names.some((name) => ACTIVE.includes(name)) ? "active" : "passive"];
  return {
    ...{ title, who, sources, modes, families },
    topic: text.topic ?? modes[0] ?? "passive",
    expect: { ...(namesNoAddress(text) && { none: BLOCKED }), ...text.expect },
    circumstances: circumstancesOf(text),
    errands: errands.map((what, index): Wish => ({ what, mode: modes[index % modes.length] ?? "passive" })),
  };
}

interface Players {
  readonly client: Player<ErrandsPart>;
  readonly server: Player<FtpServer>;
}

function scenarioOf({ title, who, sources, modes, errands, expect, circumstances }: Facts, players: Players): Scenario {
  return scenario({
    ...{ title, sources, modes, quirk: who, priority: 2 },
    ...circumstances,
    ...players,
    play: ({ client }) => client.does(errands),
    expect,
  }) as Scenario;
}

/** A port that comes without an address needs no translation, also over IPv4. */
const namesNoAddress = ({ negotiation }: { readonly negotiation?: readonly string[] }): boolean =>
  negotiation?.at(-1)?.startsWith("EPSV") === true;
const BLOCKED = fails({ by: "firewall", at: "data connection" });

function circumstancesOf(text: QuirkText): Circumstances {
  const names = [
    ...["families", "sides", "eras", "needs", "proxyArgs", "pfConf", "kernelRules", "clientFrom", "link"],
    ...["limitMs", "priority"],
  ] as const;
  return Object.fromEntries(Object.entries(text).filter(([name]) => (names as readonly string[]).includes(name)));
}

export const isQuirk = (value: unknown): value is Quirk =>
  typeof value === "object" && value !== null && "quirk" in value && typeof (value as Quirk).scenario === "function";
