/**
 * The base of every error that a caller of the API can mend: a name that there is not, a file that does not load, a
 * choice that matches nothing. Each has a `name` of its own; other errors are faults of Anchorage.
 */
export class AnchorageError extends Error {}
