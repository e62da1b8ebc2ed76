/**
 * The answer to "did FTP work?": the errands of a play, and who broke the first that failed. Found in the same way for
 * every subject and lab, from wires and players; no scenario sets it.
 *
 * @example
 * serviceOf(facts) // { verdict: "fails", by: "proxy", where: "the 227", notice: "connection closed", errands: […], … }
 */

import type { Errand, Service } from "../../../reports/model.ts";
import { escapeLine } from "../observation/timeline.ts";
import { blameFor, leftAlone } from "./blame.ts";
import type { Blame } from "./drops.ts";
import { errandsOf, type WireErrand } from "./errands.ts";
import type { Facts } from "./facts.ts";
import { isWhole, opened } from "./negotiations.ts";

/** `reported`: the errands of a client that knows them; else they are read off the wires. */
export function serviceOf(facts: Facts, reported: readonly Errand[] = []): Service {
  const onWire = errandsOf(reported.some(isFailed) ? withVainDials(facts) : facts);
  const failed = onWire.filter(isFailed);
  const blames = new Map(failed.map((errand) => [errand, blameFor(facts, errand)]));
  const wired = onWire.map((errand) => {
    const blame = blames.get(errand);
    return isUntried(facts, errand, blame)
      ? { ...described(errand), verdict: "not-tried" as const }
      : described(errand, blame?.notice);
  });
  const errands = reported.length === 0 ? wired : reported.map((errand) => merged(errand, onWire, blames));
  const broken = reported.length === 0 ? failed.length > 0 : errands.some(isFailed);
  if (errands.length === 0) {
    return { verdict: "fails", by: "client", where: "control connection", reason: "no client connected", errands };
  }
  if (!broken) {
    const detour = onWire.find(({ verdict }) => verdict === "detour")?.detour;
    const verdict = errands.some((one) => one.verdict === "detour") ? "detour" : "works";
    return { verdict, reason: verdict === "detour" && detour !== undefined ? detour : summaryOf(errands), errands };
  }
  const failure = errands.find(isFailed);
  const blame = firstBlame(facts, blames, reported.length === 0 ? undefined : failure);
  const notice = failure?.notice ?? blame?.notice;
  if (blame === undefined) {
    const reset = notice === "connection reset" ? resetOf(onWire) : undefined;
    if (reset !== undefined) return { verdict: "fails", ...reset, notice: "connection reset", errands };
    const reason = `every line and byte went through, and the client gave up${notice === undefined ? "" : `: ${notice}`}`;
    const where = failure?.negotiation === undefined ? "control connection" : "data connection";
    return { verdict: "fails", by: "client", where, reason, ...(notice === undefined ? {} : { notice }), errands };
  }
  return {
    verdict: "fails",
    ...blame,
    ...(blame.line === undefined ? {} : { line: escapeLine(blame.line) }),
    ...(notice === undefined ? {} : { notice }),
    errands,
  };
}

/** A client that reports a failure meant to use what it negotiated last. */
const withVainDials = (facts: Facts): Facts => ({
  ...facts,
  vainDials: [...facts.vainDials, ...(["client", "server"] as const).map((by) => ({ by, atMs: facts.doneMs }))],
});

/** All data had come, and then a reset in place of the FIN: the client cannot know that it was all. */
function resetOf(errands: readonly WireErrand[]): Omit<Blame, "notice"> | undefined {
  const ends = errands.flatMap(({ data }) => data.flatMap(({ near }) => near.ends));
  const by = ends.find((end) => end.how === "reset" && end.by !== "client")?.by;
  if (by === undefined || by === "intruder") return undefined;
  return { by, where: "data connection", reason: `every byte went through, then the ${by} reset the data connection` };
}

/** Evidence comes before the mere fact that the client went no further. */
function firstBlame(
  facts: Facts,
  blames: ReadonlyMap<WireErrand, Blame | undefined>,
  reported: Errand | undefined,
): Blame | undefined {
  const [first] = blames.keys();
  const given = reported && [...blames.keys()].map((errand) => givenUp(errand, reported)).find(Boolean);
  const early = given && blameFor(facts, given);
  if (early !== undefined) return early;
  const own = [...blames].find(([errand, blame]) => reported && blame !== undefined && isSame(errand, reported));
  if (own !== undefined) return own[1];
  return [...blames.values()].find((blame) => blame !== undefined) ?? (first && leftAlone(facts, first));
}

/**
 * The client gave its errand up after these negotiations, before it named the file. On the wire the next errand's
 * negotiation looks like another attempt.
 */
function givenUp(errand: WireErrand, { what, negotiation = [] }: Errand): WireErrand | undefined {
  const verbs = errand.negotiations.map(({ exchange: { verb } }) => verb);
  if (errand.what === what || negotiation.length === 0 || verbs.length <= negotiation.length) return undefined;
  if (!negotiation.every((verb, at) => verb === verbs[at])) return undefined;
  const negotiations = errand.negotiations.slice(0, negotiation.length);
  return { ...errand, negotiations, data: negotiations.flatMap(({ data }) => data) };
}

const isFailed = ({ verdict }: Pick<Errand, "verdict">): boolean => verdict === "failed" || verdict === "not-tried";

/** The port was known to both, and nobody dialled it before the script stopped for another reason. */
const isUntried = ({ stoppedAt }: Facts, { what, data, negotiations }: WireErrand, blame: Blame | undefined): boolean =>
  what === "transfer" &&
  blame === undefined &&
  stoppedAt !== undefined &&
  data.length === 0 &&
  negotiations.at(-1)?.ready === true;

function described(errand: WireErrand, notice?: string): Errand {
  const { what, name, verdict, negotiations, data, aborted } = errand;
  const moved = data.findLast(isWhole) ?? data.findLast(opened);
  const sent = moved && moved.near.toTarget + (moved.far ?? moved.near).toOpener;
  const got = moved && (moved.far?.toTarget ?? 0) + moved.near.toOpener;
  return {
    what,
    ...(name === undefined ? {} : { name }),
    verdict,
    ...(negotiations.length === 0 ? {} : { negotiation: negotiations.map(({ exchange: { verb } }) => verb) }),
    ...(sent === undefined || got === undefined ? {} : { bytes: got, of: sent }),
    ...(notice === undefined ? {} : { notice }),
    ...(aborted ? { notice: "ended by the client's ABOR" } : {}),
  };
}

/** The player's own report, with the negotiation and the detour that the wires show. */
function merged(
  errand: Errand,
  onWire: readonly WireErrand[],
  blames: ReadonlyMap<WireErrand, Blame | undefined>,
): Errand {
  const seen = onWire.find((one) => isSame(one, errand));
  if (seen === undefined) return errand;
  const { negotiation, verdict } = described(seen);
  const notice = errand.notice ?? blames.get(seen)?.notice;
  // A client cannot see whether its file has arrived.
  const lost = errand.what === "store" && errand.verdict === "done" && verdict === "failed";
  return {
    ...errand,
    ...(negotiation === undefined || errand.negotiation ? {} : { negotiation }),
    verdict: lost ? "failed" : errand.verdict === "done" && verdict === "detour" ? "detour" : errand.verdict,
    ...(lost && notice !== undefined ? { notice } : {}),
  };
}

const isSame = (one: Pick<Errand, "what" | "name">, other: Pick<Errand, "what" | "name">): boolean =>
  one.what === other.what && one.name?.replace(/^\//, "") === other.name?.replace(/^\//, "");

/** @example "log in, fetch file (46890 bytes)" */
const summaryOf = (errands: readonly Errand[]): string =>
  errands
    .map(({ what, name, bytes }) =>
      [what, name, bytes === undefined ? undefined : `(${bytes} bytes)`].filter(Boolean).join(" "),
    )
    .join(", ");
