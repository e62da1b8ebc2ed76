/**
 * Makes control and eight-bit characters visible as strvis(3) with VIS_CSTYLE | VIS_NL does, so
 * a peer cannot forge lines of the log.
 *
 * @example
 * visible("#1 client: \u00ff\u00f4ABOR\r\n"); // "#1 client: \\M^?\\M-tABOR\\r\\n"
 */

/** Longest text of one line with `-d`, in bytes. Source: ftp-proxy.c, MAX_LOGLINE 300 with its NUL. */
const longestText = 299;
/** Longest encoded line with `-d`. Source: the same, visbuf of 2 × MAX_LOGLINE. */
const longestVisible = 599;

const named: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\b": "\\b",
  "\u0007": "\\a",
  "\v": "\\v",
  "\f": "\\f",
  "\\": "\\\\",
};

/** Each character of the text stands for one byte (Latin-1). */
export function visible(text: string): string {
  let out = "";
  for (let at = 0; at < text.length; at++) out += encode(text.charAt(at), text.charAt(at + 1));
  return out;
}

/** As `ftp-proxy -d` prints it: cut at 299 bytes, then encoded, whole characters only. */
export function visibleOnTerminal(text: string): string {
  const cut = text.slice(0, longestText);
  let out = "";
  for (let at = 0; at < cut.length; at++) {
    const next = encode(cut.charAt(at), cut.charAt(at + 1));
    if (out.length + next.length > longestVisible) break;
    out += next;
  }
  return out;
}

function encode(character: string, following: string): string {
  const known = named[character];
  if (known !== undefined) return known;
  const code = character.charCodeAt(0) & 0xff;
  if ((code >= 0x20 && code < 0x7f) || code === 0x09) return character;
  // A digit after \0 would read as a longer octal number.
  if (code === 0) return following >= "0" && following <= "7" ? "\\000" : "\\0";
  // vis(3): a blank with the eighth bit is written in octal.
  if ((code & 0x7f) === 0x20) return `\\${code.toString(8).padStart(3, "0")}`;
  const meta = code & 0x80 ? "\\M" : "\\";
  const low = code & 0x7f;
  if (low < 0x20) return `${meta}^${String.fromCharCode(low + 0x40)}`;
  if (low === 0x7f) return `${meta}^?`;
  return `${meta}-${String.fromCharCode(low)}`;
}
