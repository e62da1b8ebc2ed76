/**
 * Sizes that OpenBSD 7.8 sets to names and numbers, and the points where a parse ends for good. Those called SIZE count
 * the closing NUL, so a name must be shorter.
 */

/** net/pfvar.h: PF_RULE_LABEL_SIZE, PF_TAG_NAME_SIZE. */
export const LABEL_SIZE = 64;
/** net/pfvar.h: PF_TABLE_NAME_SIZE. */
export const TABLE_NAME_SIZE = 32;
/** net/pfvar.h: PF_QNAME_SIZE. */
export const QUEUE_NAME_SIZE = 64;
/** net/pfvar.h: PF_ANCHOR_NAME_SIZE. */
export const ANCHOR_NAME_SIZE = 64;
/** limits.h: PATH_MAX. */
export const PATH_MAX = 1024;
/** pfctl.h: PFCTL_ANCHOR_STACK_DEPTH. */
export const MAX_ANCHOR_DEPTH = 64;
/** net/if.h: IFNAMSIZ. */
export const INTERFACE_NAME_SIZE = 16;
/** net/route.h: RTLABEL_LEN. */
export const ROUTE_LABEL_SIZE = 32;
/** net/route.h: RT_TABLEID_MAX. */
export const MAX_ROUTING_TABLE = 255;
/** net/pfvar.h: PF_NAT_PROXY_PORT_LOW, PF_NAT_PROXY_PORT_HIGH. */
export const NAT_PORTS = { from: 50001, to: 65535 } as const;

/** One of pfctl's `errx` exits, or a bound below: `pfctl: TEXT`, status 1, whatever else the file says. */
export class Fatal extends Error {}

// Bounds of ours, against texts of a few kilobytes that would grow to gigabytes: macros of macros, lists times lists,
// files that include themselves twice.

/** Characters that macros may add. pfctl has no bound. */
export const MAX_MACRO_TEXT = 1 << 22;

/** Combinations of list items in one text. pfctl has no bound; its rulesets are rarely above some thousands. */
export const MAX_COMBINATIONS = 500_000;

/** Files read by `include` in one text. */
export const MAX_INCLUDES = 1000;

/** Automatic tables may repeat a long list for every combination: addresses in all of them. */
export const MAX_TABLE_ADDRESSES = 2_000_000;
