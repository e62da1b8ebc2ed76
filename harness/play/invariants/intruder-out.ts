/** 4. The intruder gets in nowhere, and nobody is sent to it. */

import { broken, held, type Invariant } from "./evidence.ts";

const NAME = "intruder-out";
const TITLE = "The intruder gets in nowhere";

export const intruderOut: Invariant = ({ transcript, probes }) => {
  const breach = probes.find((probe) => probe.reached);
  if (breach !== undefined) return broken(NAME, TITLE, `${breach.from} reached ${breach.to} (${breach.what})`);
  const lured = transcript.flows.all.find(
    (flow) =>
      transcript.party(flow.target.address) === "intruder" && transcript.party(flow.opener.address) !== "intruder",
  );
  if (lured !== undefined) {
    return broken(NAME, TITLE, `${lured.opener.address} was sent to ${lured.target.address} port ${lured.target.port}`);
  }
  return held(NAME, TITLE, `${probes.length} doors tried, none open`);
};
