/**
 * A scenario is one quirk, played out. This is its shape; `scenarios/` holds them, one a file, and
 * users keep their own elsewhere. The id is the path below the catalogue's folder.
 *
 * `play` is a script on one time line: each step waits for what it names. When a step cannot
 * happen, the script stops there, and `ends` says for which subjects that is right.
 */

import type { TimelineEvent } from "../../reports/model.ts";
import type { Family } from "../pf/packet.ts";
import type { Era, LabHost, LinkOptions, Need, Side } from "./lab.ts";
import type { Cause, Script } from "./script.ts";
import type { Profile } from "./subject.ts";

/** `active`: PORT and EPRT; `passive`: PASV and EPSV. */
export type Mode = "active" | "passive";

/** How a play ends. */
export type End =
  | { readonly kind: "completes" }
  /** The script cannot go on at this step, for this cause. */
  | { readonly kind: "stops"; readonly step: string; readonly cause: Cause; readonly witness?: Witness };

/**
 * Reads the record of a play that has stopped as it should, where the cause alone may hide another reason: a program
 * gives up for many. Answers what contradicts the expected one; undefined when nothing does.
 */
export type Witness = (timeline: readonly TimelineEvent[]) => string | undefined;
export type { TimelineEvent };

export const completes: End = { kind: "completes" };

/**
 * @example stopsAt("client opens data", "no-answer")
 */
export const stopsAt = (step: string, cause: Cause, witness?: Witness): End => ({
  kind: "stops",
  step,
  cause,
  ...(witness && { witness }),
});

/** Where a play takes place, as far as its end may depend on that. */
export interface EndPlace {
  readonly side: Side;
  readonly family: Family;
}

/** One end, or one for each place: what translates addresses does not do so on both sides, or in both families. */
export type PlacedEnd = End | ((place: EndPlace) => End);

/** How a scenario ends with that profile there. */
export function endOf({ ends }: Pick<Scenario, "ends">, profile: Profile, place: EndPlace): End {
  const end = ends[profile];
  return typeof end === "function" ? end(place) : end;
}

export const describeEnd = (end: End): string =>
  end.kind === "completes" ? "the play completes" : `the play stops at "${end.step}": ${end.cause}`;

/** Someone who can take the part of client or server. `Part` is what the script gets to hold. */
export interface Player<Part> {
  readonly name: string;
  readonly version?: string;
  /** As typed by the user whose own program it is. */
  readonly command?: string;
  readonly needs: readonly Need[];
  /** Takes the part on that host; the part ends with the play. */
  take(host: LabHost, script: Script): Promise<Taken<Part>>;
}

export interface Taken<Part> {
  readonly part: Part;
  /** Where it is known only on the host. */
  readonly version?: string;
  /** What the program has said, the end of it: shown when the play fails. */
  output?(): string;
  stop(): Promise<void>;
}

/** Whoever should take the part is not there; the message says what to install. */
export class PlayerMissing extends Error {
  override readonly name = "PlayerMissing";
}

export interface Scenario<ClientPart = unknown, ServerPart = unknown> {
  readonly title: string;
  /** What happens on the wire, who does it, and what it does to a proxy. */
  readonly quirk: string;
  /** RFC sections, man pages, captures, issues: where the expectation comes from. */
  readonly sources: readonly string[];
  readonly priority: 1 | 2 | 3;
  /** How data connections are negotiated in it; neither: it stays on the control connection. */
  readonly modes: readonly Mode[];
  /** Families in which it has a meaning. */
  readonly families: readonly Family[];
  readonly sides: readonly Side[];
  /** PF languages in which it has a meaning. */
  readonly eras: readonly Era[];
  readonly needs: readonly Need[];
  /** Options of ftp-proxy(8). */
  readonly proxyArgs: readonly string[];
  /** Changes the firewall's pf.conf, to play with a broken one. */
  readonly pfConf?: (text: string, era: Era) => string;
  /** The same for a firewall whose own kernel is the subject: changes its nft(8) rules. */
  readonly kernelRules?: (text: string) => string;
  /** The client speaks from this address of its own; needs `link-local`. */
  readonly clientFrom?: "link-local";
  readonly link?: LinkOptions;
  /** On the lab's clock. */
  readonly limitMs: number;
  readonly client: Player<ClientPart>;
  readonly server: Player<ServerPart>;
  play(stage: Stage<ClientPart, ServerPart>): Promise<void>;
  readonly ends: Readonly<Record<Profile, PlacedEnd>>;
}

/** What a script holds. */
export interface Stage<ClientPart, ServerPart> extends Script {
  readonly client: ClientPart;
  readonly server: ServerPart;
}

/** A file may hold several: its default export is then a list of these, and their ids end in `/name`. */
export interface NamedScenario {
  readonly name: string;
  readonly scenario: Scenario;
}

/** A scenario with its place in the catalogue. */
export interface CatalogueEntry {
  /** `passive/pasv-227-no-parens`. */
  readonly id: string;
  readonly category: string;
  readonly file: string;
  readonly scenario: Scenario;
  /** Options of the command line that it is made of; whoever repeats it needs them. */
  readonly options?: string;
}
