/**
 * The six invariants (docs/invariants.md): conditions that hold in every play, whatever the scenario expects. Each is a function from the
 * evidence of a play to a verdict, and every play asks all of them. The three short ones are here.
 *
 * @example
 * invariants.map((invariant) => invariant(evidence)) // [{ name: "empty-after", verdict: "held", … }, …]
 */

import { bytesIntact } from "./bytes-intact.ts";
import { type Invariant, verdictsOf } from "./evidence.ts";
import { hostToHost } from "./host-to-host.ts";
import { rulesBeforeLine } from "./rules-before-line.ts";

/** 1. After the session, `ftp-proxy/*` is empty and no state is left that lets a new connection in. */
const emptyAfter: Invariant = ({ anchorsAfter, revisits }) => {
  const { held, broken } = verdictsOf("empty-after", "Nothing stays open after the session");
  const left = [...anchorsAfter].filter(([, rules]) => rules.length > 0);
  if (left.length > 0) {
    const names = left.map(([anchor, rules]) => `ftp-proxy/${anchor} (${rules.length} rules)`).join(", ");
    return broken(`still loaded: ${names}`);
  }
  const admitted = revisits.find((revisit) => revisit.reached);
  if (admitted !== undefined) return broken(`${admitted.from} could connect to ${admitted.to} again`);
  return held(`ftp-proxy/* is empty; ${revisits.length} new connections were tried, none got through`);
};

/** 4. The intruder gets in nowhere, and the proxy sends no connection to it. */
const intruderOut: Invariant = ({ timeline, probes }) => {
  const { held, broken } = verdictsOf("intruder-out", "The intruder gets in nowhere");
  const breach = probes.find((probe) => probe.reached);
  if (breach !== undefined) return broken(`${breach.from} reached ${breach.to} (${breach.what})`);
  const lured = timeline.connections.all.find(
    ({ opener, target }) =>
      timeline.party(target.address) === "intruder" && timeline.party(opener.address) !== "intruder",
  );
  if (lured !== undefined) {
    return broken(`${lured.opener.address} was sent to ${lured.target.address} port ${lured.target.port}`);
  }
  return held(`${probes.length} doors tried, none open`);
};

/** 6. Nothing hangs: every play ends within its own time limit. */
const ends: Invariant = ({ overrun }) => {
  const { held, broken } = verdictsOf("ends", "The play ends within its time");
  return overrun === undefined ? held("it ended by itself") : broken(overrun);
};

/** In the order of the six. */
export const invariants: readonly Invariant[] = [
  emptyAfter,
  hostToHost,
  rulesBeforeLine,
  intruderOut,
  bytesIntact,
  ends,
];
