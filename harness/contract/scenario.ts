/**
 * A scenario is one quirk, played out. `scenarios/` has one file for each, and users keep their own elsewhere. Its id is
 * its path below the catalogue's folder.
 *
 * `play` is a script on one time line, where each step waits for its event. `expect` has the answers that are right for
 * each kind of subject.
 */

import type { Errand } from "../../reports/model.ts";
import type { Family } from "../pf/packet.ts";
import type { PlacedExpectation } from "./expectation.ts";
import type { Era, LabHost, LinkOptions, Need, Side } from "./lab.ts";
import type { Script } from "./script.ts";
import type { Profile } from "./subject.ts";

/** `active`: PORT and EPRT; `passive`: PASV and EPSV. */
export type Mode = "active" | "passive";

/** A client or server that can take a part. `Part` is the object by which the script leads it. */
export interface Player<Part> {
  readonly name: string;
  readonly version?: string;
  /** The command line, as typed, of a user's own program. */
  readonly command?: string;
  readonly needs: readonly Need[];
  /** What takes long and outlasts a play, such as pulling an image. Called before each play. Rejects with PlayerMissing. */
  prepare?(): Promise<void>;
  /** Starts it on that host, for one play. Rejects with PlayerMissing. */
  take(host: LabHost, script: Script): Promise<Taken<Part>>;
}

/** A player that has taken its part. */
export interface Taken<Part> {
  readonly part: Part;
  /** Where only the host knows it. */
  readonly version?: string;
  /** The last of the program's output, shown when the play fails. */
  output?(): string;
  /** A client that knows its errands: what came of them, `notice` in its own last words. Absent: they are read off the wires. */
  errands?(): readonly Errand[];
  stop(): Promise<void>;
}

/** The player is not installed; the message says what to install. */
export class PlayerMissing extends Error {
  override readonly name = "PlayerMissing";
}

export interface Scenario<ClientPart = unknown, ServerPart = unknown> {
  readonly title: string;
  /** The behaviour on the wire, whose it is, and its effect on a proxy. */
  readonly quirk: string;
  /** Sources of the expectation: RFC sections, man pages, captures, issues. */
  readonly sources: readonly string[];
  readonly priority: 1 | 2 | 3;
  /** How it negotiates data connections; empty: it has none. */
  readonly modes: readonly Mode[];
  /** Families in which it has a meaning. */
  readonly families: readonly Family[];
  readonly sides: readonly Side[];
  /** PF languages in which it has a meaning. */
  readonly eras: readonly Era[];
  readonly needs: readonly Need[];
  /** Options of ftp-proxy(8). `{second}` is the firewall's second address towards the server; needs `second-address`. */
  readonly proxyArgs: readonly string[];
  /** How many sessions it has at the same time; default 1. The proxy gets a limit of one more, so a lost slot shows. */
  readonly sessions?: number;
  /** Changes the firewall's pf.conf, for instance to a broken one. */
  readonly pfConf?: (text: string, era: Era) => string;
  /** The same for a firewall whose kernel is the subject: changes its nft(8) rules. */
  readonly kernelRules?: (text: string) => string;
  /** The client dials from its link-local address; needs `link-local`. */
  readonly clientFrom?: "link-local";
  readonly link?: LinkOptions;
  /** On the lab's clock. */
  readonly limitMs: number;
  readonly client: Player<ClientPart>;
  readonly server: Player<ServerPart>;
  play(stage: Stage<ClientPart, ServerPart>): Promise<void>;
  /** The answers that it expects, by kind of subject. */
  readonly expect: Readonly<Record<Profile, PlacedExpectation>>;
}

/** Everything that a scenario's script works with: the script's own functions, and the two players' parts. */
export interface Stage<ClientPart, ServerPart> extends Script {
  readonly client: ClientPart;
  readonly server: ServerPart;
}

/** One of several scenarios in a file. Its default export is a list of these, and their ids end in `/name`. */
export interface NamedScenario {
  readonly name: string;
  readonly scenario: Scenario;
}

/** A scenario with its place in the catalogue. */
export interface CatalogueEntry {
  /** `servers/pasv-227-no-parens`. */
  readonly id: string;
  readonly category: string;
  readonly file: string;
  /** Where the file has several. */
  readonly name?: string;
  readonly scenario: Scenario;
  /** Options of the command line that made it, needed to repeat it. */
  readonly options?: string;
  /** Two players who were chosen. */
  readonly pair?: { readonly client: string; readonly server: string };
}
