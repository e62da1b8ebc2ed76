/**
 * What holds in every play, whatever the scenario says (docs/invariants.md). Each
 * invariant is one file: a function from what was seen to a verdict. The runner asks all of them
 * after every play.
 */

import type { InvariantResult } from "../../../reports/model.ts";
import type { Era } from "../../contract/lab.ts";
import type { Roles } from "../../contract/roles.ts";
import type { Profile } from "../../contract/subject.ts";
import type { ProbeResult } from "../probes.ts";
import type { Transcript } from "../transcript.ts";

export interface Evidence {
  readonly transcript: Transcript;
  readonly roles: Roles;
  /** Options of the subject. */
  readonly proxyArgs: readonly string[];
  /** Does the subject end control connections and keep rules in `ftp-proxy/*`? */
  readonly terminates: boolean;
  /** What anchors held is known for the moments at which they were read only: a change between two of them is not seen. */
  readonly sampled: boolean;
  readonly era: Era;
  readonly profile: Profile;
  /** Rules of each session's anchor after the session. */
  readonly anchorsAfter: ReadonlyMap<string, readonly string[]>;
  /** What the intruders tried while rules were in force and after. */
  readonly probes: readonly ProbeResult[];
  /** New connections that the players themselves tried after the session, to ports that had been open for them. */
  readonly revisits: readonly ProbeResult[];
  /** Undefined when the play ended within its time. */
  readonly overrun: string | undefined;
}

export type Invariant = (evidence: Evidence) => InvariantResult;

export const held = (name: string, title: string, detail: string): InvariantResult => ({
  name,
  title,
  verdict: "held",
  detail,
});

export const broken = (name: string, title: string, detail: string): InvariantResult => ({
  name,
  title,
  verdict: "broken",
  detail,
});

export const notApplicable = (name: string, title: string, detail: string): InvariantResult => ({
  name,
  title,
  verdict: "does-not-apply",
  detail,
});
