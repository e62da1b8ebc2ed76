/**
 * Sizes that OpenBSD 7.8 sets to names and numbers. Those called SIZE count the closing NUL, so a name must be shorter.
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
