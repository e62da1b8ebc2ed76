/** 3. Rules are in the anchor before the line that makes a peer use them is sent on. */

import { parseExtendedPort, parsePort } from "../play/announced-port.ts";
import { escapeLine } from "../play/transcript.ts";
import { broken, held, type Invariant, notApplicable } from "./evidence.ts";

const NAME = "rules-before-line";
const TITLE = "Rules come before the line that needs them";

export const rulesBeforeLine: Invariant = ({ transcript, terminates }) => {
  if (!terminates) return notApplicable(NAME, TITLE, "the subject loads no rules");
  let count = 0;
  for (const line of transcript.lines) {
    // A line that the proxy did not write itself opens nothing.
    if (line.leg !== line.towards || line.insteadOf === undefined) continue;
    const port = parsePort(line.text) ?? parseExtendedPort(line.text);
    if (port === undefined) continue;
    count += 1;
    if (!line.rules.some((rule) => rule.includes(` port = ${port} `))) {
      const text = escapeLine(line.text);
      return broken(NAME, TITLE, `${text} was sent on while no rule in the anchor was for port ${port}`);
    }
  }
  return held(NAME, TITLE, count === 0 ? "no line was rewritten" : `${count} rewritten lines, each after its rules`);
};
