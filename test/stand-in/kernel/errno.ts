/** The failure of a guest's system call, with strerror(3)'s words on OpenBSD. */

import { type ErrnoName, errorText } from "../../../proxy/errno.ts";

export class Errno extends Error {
  override readonly name = "Errno";
  readonly code: ErrnoName;

  constructor(code: ErrnoName) {
    super(errorText(code));
    this.code = code;
  }
}
