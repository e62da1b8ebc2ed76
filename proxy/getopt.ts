/**
 * The C library's getopt(3) and strtonum(3), in its words. All programs of this house whose options are single
 * letters read them here: ftp-proxy(8), the model's pfctl(8), the stand-in guest's commands.
 *
 * @example
 * getopt(["-dD7", "x"], "dD:"); // { options: [{ option: "d" }, { option: "D", argument: "7" }], operands: ["x"] }
 * strtonum("501", 1, 500); // "too large"
 */

export type FoundOption =
  | { readonly option: string; readonly argument?: string }
  /** `unknown option -- x`, `option requires an argument -- a`. */
  | { readonly problem: string };

/** getopt(3): letters followed by `:` take an argument; `--` and the first operand end the options. */
export function getopt(
  args: readonly string[],
  letters: string,
): { readonly options: readonly FoundOption[]; readonly operands: readonly string[] } {
  const options: FoundOption[] = [];
  let index = 0;
  for (; index < args.length; index++) {
    const word = args[index] ?? "";
    if (word === "--") return { options, operands: args.slice(index + 1) };
    if (word === "-" || !word.startsWith("-")) break;
    for (let at = 1; at < word.length; at++) {
      const option = word.charAt(at);
      const known = option === ":" ? -1 : letters.indexOf(option);
      if (known < 0) {
        options.push({ problem: `unknown option -- ${option}` });
      } else if (letters.charAt(known + 1) !== ":") {
        options.push({ option });
      } else {
        const argument = word.slice(at + 1) || args[++index];
        const missing = { problem: `option requires an argument -- ${option}` };
        options.push(argument === undefined ? missing : { option, argument });
        break;
      }
    }
  }
  return { options, operands: args.slice(index) };
}

/** The number, or the word that strtonum(3) gives as its errstr. */
export function strtonum(text: string, least: number, most: number): number | "too small" | "too large" | "invalid" {
  // Source: strtonum.c: strtoll(3), white space and a sign in front, nothing behind.
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return "invalid";
  const value = BigInt(text.trim().replace(/^\+/, ""));
  if (value < BigInt(least)) return "too small";
  return value > BigInt(most) ? "too large" : Number(value);
}
