/**
 * The address of a play inside the page: `#passive/pasv@core,sim,inet,forward`. Both ways, so that deep links work
 * whatever a browser or a mail program encodes.
 */
import { visible } from "../visible-text.ts";

export function playHref(id: string): string {
  return `#${encodeURIComponent(visible(id)).replaceAll("%2F", "/").replaceAll("%40", "@").replaceAll("%2C", ",")}`;
}

/** The id in a hash; undefined for no hash and for one that is no valid encoding. */
export function playInHash(hash: string): string | undefined {
  if (hash.length < 2) return undefined;
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return undefined;
  }
}
