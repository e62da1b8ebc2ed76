/**
 * Linux in place of a proxy: a kernel that follows FTP in the packets that it forwards (nf_conntrack_ftp, nf_nat_ftp),
 * with nft(8) rules in place of PF.
 *
 * @example
 * // anchorage run passive --lab netns --subject conntrack
 */

import type { Side } from "../contract/lab.ts";
import type { Subject } from "../contract/subject.ts";

const conntrack: Subject = {
  name: "conntrack",
  title: "Linux's nf_conntrack_ftp and nf_nat_ftp, no proxy",
  profile: () => "conntrack",
  terminates: false,
  kernelRules: (side) => CONNTRACK_RULES[side],
  lacks({ era }, lab) {
    // Without PF it is the same in every era, so it plays in one.
    return era === "divert-to"
      ? lab.lacks("kernel-forwarding")
      : `Linux's kernel has no PF: it plays in divert-to only`;
  },
  start: async () => ({ stop: async () => {} }),
};

export default conntrack;

const HELPER = `  ct helper ftp {
    type "ftp" protocol tcp
  }
`;

const CHAINS = `  chain helpers {
    type filter hook prerouting priority filter
    tcp dport 21 ct helper set "ftp"
  }

  chain input {
    type filter hook input priority filter; policy drop
    iifname "lo" accept
    meta l4proto ipv6-icmp accept
  }
`;

/** Clients inside, behind one address; IPv6 is not translated. */
const forward = `# Clients inside, servers outside: the kernel itself follows FTP, by nf_conntrack_ftp and nf_nat_ftp.
table inet firewall {
${HELPER}
${CHAINS}
  chain forward {
    type filter hook forward priority filter; policy drop
    ct state established,related accept
    iifname "em1" ip saddr 10.0.0.0/24 tcp dport 21 accept
    iifname "em1" ip6 saddr 2001:db8:1::/64 tcp dport 21 accept
    meta l4proto ipv6-icmp accept
  }

  chain translation {
    type nat hook postrouting priority srcnat
    oifname "em0" ip saddr 10.0.0.0/24 masquerade
  }
}
`;

const reverse = `# The server inside, clients outside: they dial the firewall, and the kernel itself follows FTP.
table inet firewall {
${HELPER}
  chain redirection {
    type nat hook prerouting priority dstnat
    iifname "em0" ip daddr 198.51.100.1 tcp dport 21 dnat ip to 10.0.0.20
    iifname "em0" ip6 daddr 2001:db8:2::1 tcp dport 21 dnat ip6 to 2001:db8:1::20
  }

${CHAINS}
  chain forward {
    type filter hook forward priority filter; policy drop
    ct state established,related accept
    oifname "em1" ip daddr 10.0.0.20 tcp dport 21 accept
    oifname "em1" ip6 daddr 2001:db8:1::20 tcp dport 21 accept
    meta l4proto ipv6-icmp accept
  }
}
`;

export const CONNTRACK_RULES: Readonly<Record<Side, string>> = { forward, reverse };
