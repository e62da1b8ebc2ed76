/**
 * Which of the three PF languages a text is written in, judged by the words that only one of them has.
 *
 * @example
 * guessEra(splitStatements("rdr pass on em1 proto tcp to port 21 -> 127.0.0.1 port 8021\n")) // "rdr-anchor"
 */

import type { Era } from "../language/eras.ts";
import type { Statement } from "./statements.ts";

export type { Era } from "../language/eras.ts";

export const ERA_NAMES: Readonly<Record<Era, string>> = {
  "divert-to": "OpenBSD 5.0 and later",
  "rdr-to": "OpenBSD 4.7 to 4.9",
  "rdr-anchor": "OpenBSD before 4.7, and FreeBSD",
};

const OLD = new Set(["nat", "rdr", "binat", "nat-anchor", "rdr-anchor", "binat-anchor", "scrub"]);
const NEW = new Set(["match", "nat-to", "rdr-to", "binat-to", "af-to", "divert-to", "divert-reply", "divert-packet"]);

/** Statements of the older language, and of the one since 4.7. */
export function isOld({ keyword, isMacro, tokens }: Statement): boolean {
  if (isMacro) return false;
  return (
    OLD.has(keyword) || (keyword === "no" && OLD.has(tokens[1]?.text ?? "")) || tokens.some(({ text }) => text === "->")
  );
}

const isNew = ({ isMacro, tokens }: Statement): boolean => !isMacro && tokens.some(({ text }) => NEW.has(text));

/** OpenBSD of today where nothing says otherwise; 4.7 to 4.9 cannot be told from that. */
export function guessEra(statements: readonly Statement[]): "divert-to" | "rdr-anchor" {
  const count = (fits: (statement: Statement) => boolean) => statements.filter(fits).length;
  return count(isOld) > count(isNew) ? "rdr-anchor" : "divert-to";
}
