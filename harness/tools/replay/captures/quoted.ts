/**
 * Undoes the two ways in which capture files write bytes: C strings (`"\xff\r\n"`) on the peers' lines
 * and vis(3) (`\M^?\r\n`) in the proxy's log.
 *
 * @example
 * fromQuoted("\\xffABOR\\r\\n"); // Uint8Array [255, 65, 66, 79, 82, 13, 10]
 * fromVisible("\\M^?ABOR\\r\\n"); // the same
 */

const letters: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, a: 7, b: 8, v: 11, f: 12, s: 32 };

export function fromQuoted(text: string): Uint8Array {
  return decode(text, (sequence) => {
    const hex = /^x([0-9a-fA-F]{2})/.exec(sequence);
    return hex?.[1] === undefined ? undefined : { byte: Number.parseInt(hex[1], 16), length: 3 };
  });
}

/** Source: vis(3), VIS_CSTYLE. */
export function fromVisible(text: string): Uint8Array {
  return decode(text, (sequence) => {
    const control = /^(M?)\^(.)/.exec(sequence);
    if (control?.[2] !== undefined) {
      const low = control[2] === "?" ? 0x7f : control[2].charCodeAt(0) - 0x40;
      return { byte: low | (control[1] === "M" ? 0x80 : 0), length: control[0].length };
    }
    if (/^M-./.test(sequence)) return { byte: sequence.charCodeAt(2) | 0x80, length: 3 };
    const octal = /^[0-7]{1,3}/.exec(sequence);
    return octal === null ? undefined : { byte: Number.parseInt(octal[0], 8), length: octal[0].length };
  });
}

type Escape = { readonly byte: number; readonly length: number };

function decode(text: string, special: (sequence: string) => Escape | undefined): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text.charAt(at) !== "\\") {
      bytes.push(text.charCodeAt(at));
      continue;
    }
    const found = special(text.slice(at + 1, at + 5)) ?? plain(text.charAt(at + 1));
    bytes.push(found.byte);
    at += found.length;
  }
  return Uint8Array.from(bytes);
}

function plain(letter: string): Escape {
  return { byte: letters[letter] ?? letter.charCodeAt(0), length: 1 };
}
