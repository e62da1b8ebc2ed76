/** The evidence for an invariant, and the three verdicts that it may return. */

import type { InvariantResult } from "../../../reports/model.ts";
import type { Era } from "../../contract/lab.ts";
import type { Roles } from "../../contract/roles.ts";
import type { Profile } from "../../contract/subject.ts";
import type { Timeline } from "../observation/timeline.ts";
import type { ProbeResult, Visit } from "./intruder.ts";

/** New clients after the session, as many as the proxy's limit: how many it accepted, and how many found a slot. */
export type SlotsFound =
  | { readonly kind: "counted"; readonly limit: number; readonly accepted: number; readonly served: number }
  | { readonly kind: "not-counted"; readonly reason: string };

/** Ways by host and door (`wayKey`). */
export type PolicyWays = ReadonlySet<string>;

export interface Evidence {
  readonly timeline: Timeline;
  readonly roles: Roles;
  /** Options of the subject. */
  readonly proxyArgs: readonly string[];
  /** Whether the subject ends control connections and keeps rules in `ftp-proxy/*`. */
  readonly terminates: boolean;
  /** Anchors were read at moments only: a change between two readings is not seen. */
  readonly sampled: boolean;
  readonly era: Era;
  readonly profile: Profile;
  /** Rules of each session's anchor after the session. */
  readonly anchorsAfter: ReadonlyMap<string, readonly string[]>;
  /** Attempts of the intruders and third hosts, while rules were loaded and after. */
  readonly probes: readonly ProbeResult[];
  /** Attempts of the players after the session, at ports that had been open for them. */
  readonly revisits: readonly ProbeResult[];
  /** Connections to third hosts of the script. */
  readonly visits: readonly Visit[];
  /** Ways that are open on the bare rule set, without a session. */
  readonly policy: PolicyWays;
  readonly slots: SlotsFound;
  /** Undefined when the play ended within its time. */
  readonly overrun: string | undefined;
}

export type Invariant = (evidence: Evidence) => InvariantResult;

/** The verdicts of one invariant. @example const { held } = verdictsOf("ends", "The play ends within its time"); */
export function verdictsOf(name: string, title: string) {
  const result = (verdict: InvariantResult["verdict"]) => (detail: string) => ({ name, title, verdict, detail });
  return { held: result("held"), broken: result("broken"), doesNotApply: result("does-not-apply") };
}
