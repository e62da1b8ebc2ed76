/**
 * getopt(3) and strtonum(3) as OpenBSD has them, as far as a command line of single letters needs.
 *
 * @example
 * [...getopt(["-d", "-D7", "-b", "10.0.0.1"], "db:D:")];
 * // [{ option: "d" }, { option: "D", argument: "7" }, { option: "b", argument: "10.0.0.1" }]
 */

export type FoundOption =
  | { readonly option: string; readonly argument?: string }
  /** `unknown option -- x`, `option requires an argument -- a`. */
  | { readonly problem: string };

/** Letters followed by `:` take an argument. Stops at `--` and at the first operand. */
export function* getopt(args: readonly string[], letters: string): Generator<FoundOption> {
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? "";
    if (word === "--" || word === "-" || !word.startsWith("-")) return;
    for (let at = 1; at < word.length; at++) {
      const option = word.charAt(at);
      const known = option === ":" ? -1 : letters.indexOf(option);
      if (known < 0) {
        yield { problem: `unknown option -- ${option}` };
      } else if (letters.charAt(known + 1) !== ":") {
        yield { option };
      } else {
        const rest = word.slice(at + 1);
        const argument = rest === "" ? args[++index] : rest;
        yield argument === undefined ? { problem: `option requires an argument -- ${option}` } : { option, argument };
        break;
      }
    }
  }
}

/** The number, or the word that strtonum(3) gives as its errstr. */
export function strtonum(text: string, least: number, most: number): number | "too small" | "too large" | "invalid" {
  // Source: strtonum.c: strtoll(3), white space and a sign in front, nothing behind.
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return "invalid";
  const value = BigInt(text.trim().replace(/^\+/, ""));
  if (value < BigInt(least)) return "too small";
  return value > BigInt(most) ? "too large" : Number(value);
}
