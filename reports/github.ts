/**
 * What GitHub Actions shows of a run: annotations, one a cause, and the job's summary.
 *
 *     process.stdout.write(annotations(run.plays)); // ::error title=servers/pasv-…::fails at the 227 …
 */
import { failureGroups } from "./failure-groups.ts";
import type { PlayResult } from "./model.ts";
import { failureLines } from "./terminal/failures.ts";
import { plainColors } from "./terminal/output.ts";
import { playInWords } from "./wording.ts";

/** GitHub shows ten errors of a step. */
const MOST = 10;

/** Workflow commands. Text of a play cannot begin a command of its own: line ends and colons are escaped. */
export function annotations(plays: readonly PlayResult[]): string {
  const groups = failureGroups(plays).map(({ plays: [first, ...alike] }) => {
    if (first === undefined) return "";
    const more = alike.length === 0 ? [] : [`and ${alike.length} more alike`];
    const message = [playInWords(first), ...failureLines(first, 100, plainColors).slice(1), ...more].join("\n");
    return `::error title=${property(first.id)}::${data(message)}\n`;
  });
  const flaky = plays.flatMap((play) =>
    play.flaky === undefined
      ? []
      : [`::warning title=${property(`flaky: ${play.id}`)}::${data(`at first: ${play.flaky.first}`)}\n`],
  );
  return [...groups.slice(0, MOST), ...flaky.slice(0, MOST)].join("");
}

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
