/**
 * Where a parse ends for good: pfctl's own `errx` exits, and bounds of ours against texts of a few kilobytes that would
 * otherwise grow to gigabytes (macros of macros, lists times lists, files that include themselves twice).
 */

/** pfctl gives up altogether: `pfctl: TEXT`, status 1, whatever else the file says. */
export class Fatal extends Error {}

/** Characters that macros may add. pfctl has no bound. */
export const MAX_MACRO_TEXT = 1 << 22;

/** Combinations of list items in one text. pfctl has no bound; its rulesets are rarely above some thousands. */
export const MAX_COMBINATIONS = 500_000;

/** Files read by `include` in one text. */
export const MAX_INCLUDES = 1000;

/** Automatic tables may repeat a long list for every combination: addresses in all of them. */
export const MAX_TABLE_ADDRESSES = 2_000_000;
