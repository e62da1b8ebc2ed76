/**
 * The base of every error that a caller of the API can mend: a name that there is not, a file that does not load, a
 * choice that matches nothing. Each kind has its own `name`. Any other error is a fault of Anchorage.
 */
export class AnchorageError extends Error {}
