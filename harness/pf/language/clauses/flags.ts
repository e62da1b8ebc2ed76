/** TCP flags: `flags S/SA`, `flags /SFRA`, `flags any`. Letters as in {@link TCP_FLAG}. */

import { TCP_FLAG } from "../../packet.ts";
import type { Reader } from "../tokens/reader.ts";

const letters = "FSRPAUEW";

function flagSet(reader: Reader): number {
  const text = reader.string();
  let bits = 0;
  for (const letter of text) {
    if (!Object.hasOwn(TCP_FLAG, letter)) reader.fail(`bad flags ${text}`);
    bits |= TCP_FLAG[letter as keyof typeof TCP_FLAG];
  }
  // An empty string in quotes stands for all.
  return bits === 0 ? 0xff : bits;
}

/** What follows `flags`; `any` is a mask of 0. */
export function parseFlags(reader: Reader): { set: number; mask: number } {
  if (reader.accept("any")) return { set: 0, mask: 0 };
  const set = reader.accept("/") ? undefined : flagSet(reader);
  if (set === undefined) return { set: 0, mask: flagSet(reader) };
  reader.expect("/");
  return { set, mask: flagSet(reader) };
}

/** `formatFlags(0x12)` is `SA`. */
export function formatFlags(bits: number): string {
  let text = "";
  for (let i = 0; i < letters.length; i++) if (bits & (1 << i)) text += letters[i];
  return text;
}
