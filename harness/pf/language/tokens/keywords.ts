/**
 * The reserved words of pf.conf(5) in OpenBSD 7.8. A bare word in this set is a keyword, everything else is a string;
 * in quotes anything is a string. `keywords.has("port")` is true, `keywords.has("Port")` is not.
 */

const words = `
  af-to all allow-opts anchor antispoof any bandwidth binat-to bitmask block block-policy burst code debug default
  delay divert-packet divert-reply divert-to drop dup-to file fingerprints flags floating flows flush for fragment
  from global group hostid icmp-type icmp6-type if-bound in include inet inet6 keep label least-states limit load log
  loginterface match matches max max-mss max-pkt-rate max-src-conn max-src-conn-rate max-src-nodes max-src-states min
  min-ttl modulate nat-to no no-df no-route no-sync on once optimization os out overload parent pass pflow port prio
  probability proto qlimit quantum queue quick random random-id rdomain rdr-to reassemble received-on reply-to return
  return-icmp return-icmp6 return-rst round-robin route route-to rtable rule ruleset-optimization scrub set skip sloppy
  source-hash source-track state state-defaults state-policy static-port sticky-address syncookies synproxy table tag
  tagged timeout to tos ttl urpf-failed user weight
`;

export const keywords: ReadonlySet<string> = new Set(words.trim().split(/\s+/));
