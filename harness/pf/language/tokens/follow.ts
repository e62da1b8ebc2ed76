/**
 * Tokens that may follow a clause: the lookahead sets by which pfctl says "syntax error" or judges the clause
 * first. As in an LALR parser, they hold the followers of a clause in all its places.
 */

/** First words of a rule's options. */
const options = `
  user group flags icmp-type icmp6-type prio tos no keep modulate synproxy fragment allow-opts label queue tag ! tagged
  probability rtable divert-to divert-reply divert-packet scrub nat-to af-to rdr-to binat-to route-to reply-to dup-to
  received-on once max-pkt-rate set
`;

const kinds = (text: string): ReadonlySet<string> => new Set(["\n", ...text.trim().split(/\s+/)]);

/** After an option: another one, the end of the line, or an anchor's brace. */
export const afterOption = kinds(`${options} {`);

const pools = "bitmask random source-hash round-robin least-states static-port sticky-address";

/** After options: pfctl judges a rule before it finds a brace that only an anchor may have. */
export const afterOptions = kinds("{");

/** After a `from` or `to` without port. */
export const afterEnd = kinds(`${options} { os to`);

/** After pool options, which also occur inside `af-to … from … to …`. */
export const afterPool = kinds(`${options} { to`);

/** After an address in a pool's list. */
export const afterListed = kinds(", } string number ( < route");

/** After a host name in `from`, `to`, lists, pools and tables. */
export const afterHost = kinds(
  `${options} ${pools} { } , to os port weight string number ( < route no-route urpf-failed any`,
);

/** After words that are joined to one string. */
export const afterString = kinds(`${options} ${pools} { , ) all matches user to`);

/** After a bandwidth and its limits. */
export const afterBandwidth = kinds(", min max bandwidth parent default qlimit flows quantum");

/** After a port, in a list or not. */
export const afterPort = kinds(`${options} { } , to os string number = != < <= > >=`);

/** After an ICMP type, in a list or not. */
export const afterIcmpType = kinds(`${options} { } , string number`);
