/**
 * Where a play is found on the page: its address, `#passive/pasv@core,sim,inet,forward`, and its place in the packed
 * parts. The writer of the page and its script must agree on both.
 */
import { visible } from "../text.ts";

export function playHref(id: string): string {
  return `#${encodeURIComponent(visible(id)).replaceAll("%2F", "/").replaceAll("%40", "@").replaceAll("%2C", ",")}`;
}

/** The id in a hash; undefined without a hash, or with an invalid encoding. */
export function playInHash(hash: string): string | undefined {
  if (hash.length < 2) return undefined;
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return undefined;
  }
}

/** A play's place is its number in the matrix; so many plays share a part. */
export const playsPerPart = 40;

export function partOf(place: number): { readonly part: number; readonly index: number } {
  return { part: Math.floor(place / playsPerPart), index: place % playsPerPart };
}

export const partId = (part: number): string => `plays-${part}`;

/** The packed addresses of all plays, by place. */
export const addressesId = "addresses";
