/**
 * `log`, `log (all, matches, user, to pflog1)` and `quick`, in either order.
 */

import type { LogOptions } from "../../rule.ts";
import { afterString } from "../tokens/follow.ts";
import { parenthesised } from "../tokens/list.ts";
import type { Reader } from "../tokens/reader.ts";
import { numberTrouble } from "./hosts.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Plain `log` is an empty record. pflog0 is where logs go anyway. */
function logOptions(reader: Reader): LogOptions {
  const log: Writable<LogOptions> = {};
  if (!reader.accept("(")) return log;
  parenthesised(reader, () => {
    if (reader.accept("all")) log.all = true;
    else if (reader.accept("matches")) log.matches = true;
    else if (reader.accept("user")) log.user = true;
    else {
      reader.expect("to");
      const name = reader.strings();
      reader.followedBy(afterString);
      if (!name.startsWith("pflog")) reader.fail(`${name}: should be a pflog interface`);
      const number = name.slice(5);
      const trouble = numberTrouble(number, 255);
      if (trouble !== undefined) reader.fail(`${name}: ${trouble}`);
      if (Number(number) !== 0) log.to = `pflog${Number(number)}`;
    }
  });
  return log;
}

export function logQuick(reader: Reader): { log?: LogOptions; quick: boolean } {
  const early = reader.accept("quick");
  const log = reader.accept("log") ? logOptions(reader) : undefined;
  const quick = early || (log !== undefined && reader.accept("quick"));
  return log === undefined ? { quick } : { log, quick };
}
