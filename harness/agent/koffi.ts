/**
 * koffi, the way to system calls that Node does not offer. It is an optional dependency: without it
 * whoever needs it says what is missing.
 */

import { createRequire } from "node:module";

type Koffi = typeof import("koffi");

/** Undefined when it is not installed, or has no binary for this machine. */
export async function loadKoffi(): Promise<Koffi | undefined> {
  try {
    // A bundle lies elsewhere than the packages: whoever starts it says where they are.
    const from = process.env.ANCHORAGE_PACKAGES ?? import.meta.url;
    return createRequire(from)("koffi") as Koffi;
  } catch {
    return undefined;
  }
}
