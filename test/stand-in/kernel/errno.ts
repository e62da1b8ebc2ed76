/** What a system call of the guest may answer, with strerror(3)'s words on OpenBSD. */

const WORDS = {
  EPERM: "Operation not permitted",
  ENOENT: "No such file or directory",
  ESRCH: "No such process",
  ENXIO: "Device not configured",
  EBUSY: "Device busy",
  EEXIST: "File exists",
  EINVAL: "Invalid argument",
  ENOTTY: "Inappropriate ioctl for device",
  EOPNOTSUPP: "Operation not supported",
  EADDRNOTAVAIL: "Can't assign requested address",
  ENETUNREACH: "Network is unreachable",
} as const;

export type ErrnoName = keyof typeof WORDS;

export class Errno extends Error {
  override readonly name = "Errno";
  readonly code: ErrnoName;

  constructor(code: ErrnoName) {
    super(WORDS[code]);
    this.code = code;
  }
}
