/**
 * What a scenario expects of each kind of subject: an answer to each of the three questions (service, letter, harm).
 * `passed` and `failed` compare answers with these, and nothing else does.
 *
 * @example
 * expect: {
 *   "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed", log: "bad port in", anchor: "empty" }),
 *   none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
 * }
 */

import type { Breaker, Service } from "../../reports/model.ts";
import type { Family } from "../pf/packet.ts";
import type { Era, Side } from "./lab.ts";
import type { Profile } from "./subject.ts";

export type { Breaker };

/** What a subject of one kind should come to. A part that is left out is not compared. */
export interface Expectation {
  /** `served`: works, with or without a detour. `any`: no answer is wrong. */
  readonly service: Service["verdict"] | "served" | "any";
  readonly by?: Breaker;
  /** Where it breaks, as in `Service.where`: `the 227`, `data connection`. Several: over IPv4 and IPv6. */
  readonly at?: string | readonly string[];
  /** How the user notices; the beginning of `Service.notice`: `hangs`, `connection closed`, `425`. */
  readonly notice?: string;
  /** Letter: the subject logs a line with this text. Asked only of subjects with a reference. */
  readonly log?: string;
  /** Letter: no rules were loaded from the first to the last line. Asked only of subjects with a reference. */
  readonly anchor?: "empty";
  /** Harm and broken invariants that are this scenario's point, by name and place. Anything else is a failure. */
  readonly harm?: readonly ExpectedHarm[];
}

export interface ExpectedHarm {
  /** Name of an invariant: `empty-after`, `bytes-intact` … */
  readonly name: string;
  /** A part of its detail. */
  readonly detail: string;
}

/** The circumstances that an answer may depend on. */
export interface ExpectationPlace {
  readonly side: Side;
  readonly family: Family;
  readonly era: Era;
}

/** One answer, or one for each place: NAT may translate on one side or in one family only. */
export type PlacedExpectation = Expectation | ((place: ExpectationPlace) => Expectation);

/** Expectations by kind of subject. `classic` is as `ftp-proxy` where it is left out. */
export type Expectations = Partial<Readonly<Record<Profile, PlacedExpectation>>>;

type Letter = Pick<Expectation, "log" | "anchor" | "harm">;

export const works: Expectation = { service: "works" };

/** Every errand is done, with or without a detour: for players that have never met before. */
export const served: Expectation = { service: "served" };

/** Nothing is known beforehand: only harm and broken invariants fail. */
export const any: Expectation = { service: "any" };

/** @example worksWith({ log: "max. sessions reached" }) */
export const worksWith = (rest: Letter): Expectation => ({ service: "works", ...rest });

/** Every errand is done, but not at the first attempt. */
export const worksAfterDetour = (rest: Letter = {}): Expectation => ({ service: "detour", ...rest });

export const fails = (how: Omit<Expectation, "service"> = {}): Expectation => ({ service: "fails", ...how });

/** What is expected of subjects with that profile there. */
export function expectationOf(
  expectations: Readonly<Record<Profile, PlacedExpectation>>,
  profile: Profile,
  place: ExpectationPlace,
): Expectation {
  const placed = expectations[profile];
  return typeof placed === "function" ? placed(place) : placed;
}

const SERVICE_WORDS = {
  works: "works",
  detour: "works after a detour",
  served: "works, or works after a detour",
  any: "any answer",
} as const;

/** @example "fails at the 227, by the proxy: connection closed" */
export function describeExpectation({ service, by, at, notice }: Expectation): string {
  if (service !== "fails") return SERVICE_WORDS[service];
  const where = at === undefined ? "" : ` at ${[at].flat().join(" or ")}`;
  const who = by === undefined ? "" : `, by ${by === "translation" ? "address translation" : `the ${by}`}`;
  return `fails${where}${who}${notice === undefined ? "" : `: ${notice}`}`;
}

/** ftp-proxy(8) reads no port, or a forbidden one, in that line: it keeps the line and ends the session. */
export const hangsUpAt = (at: string): Expectation =>
  fails({ by: "proxy", at, notice: "connection closed", log: "bad port in", anchor: "empty" });

/** nf_conntrack_ftp reads a part of an address in that reply, and drops the packet each time. */
export const dropsReply: Expectation = fails({ notice: "hangs" });
