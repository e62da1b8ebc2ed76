/**
 * The line that a scripted peer awaits: how it is named in steps, whether a line matches, and whether another line is of
 * the same kind, so that the script can go on with it.
 *
 * @example
 * const awaited = { name: "a 227 in ftp-proxy's words", pattern: /^227 Entering Passive Mode \(/ };
 * matches("227 PASV OK (10,0,0,5,156,64)", awaited); // false
 * isSameKind("227 PASV OK (10,0,0,5,156,64)", awaited); // true
 */

/** A pattern with a name, for steps whose name must not depend on the lab's addresses. */
export interface NamedLine {
  readonly name: string;
  readonly pattern: RegExp;
}

/** A whole line, its three-digit code, or a pattern. */
export type ExpectedLine = string | number | RegExp | NamedLine;

export function describe(expected: ExpectedLine): string {
  if (typeof expected === "number") return `a ${expected} reply`;
  if (typeof expected === "string") return expected;
  return expected instanceof RegExp ? `a line like ${inWords(expected)}` : expected.name;
}

/** @example inWords(/^229 Entering \(\|\|\|\d+\|\)$/) // "229 Entering (|||…|)" */
const inWords = ({ source }: RegExp): string =>
  source
    .replace(/^\^|\$$/g, "")
    .replaceAll(/(?:\\[dSsw]|\[[^\]]*\]|\.)[+*]?/g, "…")
    .replaceAll(/\\(.)/g, "$1");

export function matches(line: string, expected: ExpectedLine): boolean {
  if (typeof expected === "number") return line.startsWith(`${expected} `);
  if (typeof expected === "string") return line === expected;
  return patternOf(expected).test(line);
}

/** The same code of a reply, or the same verb of a command; or neither line has one. */
export const isSameKind = (line: string, expected: ExpectedLine): boolean => kindsOf(expected).includes(kindOf(line));

/** @example kindOf("227-Entering") // "227" */
const kindOf = (line: string): string => /^(\d{3}(?!\d)|[a-z]+)/i.exec(line)?.[0].toUpperCase() ?? "";

/** A pattern may begin with several. @example kindsOf(/^(PORT|EPRT) /) // ["PORT", "EPRT"] */
function kindsOf(expected: ExpectedLine): readonly string[] {
  if (typeof expected === "number" || typeof expected === "string") return [kindOf(String(expected))];
  const [, several, one] = /^\^(?:\(([\w|]+)\)|(\w+))/.exec(patternOf(expected).source) ?? [];
  return (several ?? one ?? "").split("|").map(kindOf);
}

const patternOf = (expected: RegExp | NamedLine): RegExp => (expected instanceof RegExp ? expected : expected.pattern);
