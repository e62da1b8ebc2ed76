/**
 * Makes hostile text harmless to look at. Servers, clients and logs may send terminal escapes, NULs,
 * right-to-left overrides or broken surrogates; a report shows them as escapes and never acts on them.
 * Every report passes foreign text through here before its own quoting (XML, HTML, Markdown).
 *
 *     visible("220 \u001b[31mhi\r\n") === "220 \\x1b[31mhi\\r\\n"
 */

/** Control (Cc), format and bidi (Cf), line separators (Zl, Zp), lone surrogates (Cs), and what XML 1.0 forbids. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** One line: every invisible character becomes a C-like escape. */
export function visible(text: string): string {
  return text.replace(invisible, escapeOf);
}

/** Several lines: as `visible`, but line ends stay, and tabs become blanks. */
export function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visible(line.replaceAll("\t", "    ")))
    .join("\n");
}

function escapeOf(character: string): string {
  switch (character) {
    case "\r":
      return "\\r";
    case "\n":
      return "\\n";
    case "\t":
      return "\\t";
    default: {
      const code = character.codePointAt(0) ?? 0;
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
    }
  }
}
