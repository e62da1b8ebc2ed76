/**
 * A packet filter on each host, while a play wants it: it refuses connections to a port by ICMP, as REJECT rules do,
 * where TCP itself would send RST.
 *
 * @example
 * const filters = hostFirewalls(namespaces);
 * await namespaces.hosts.server.refuseByIcmp?.(50000);
 * await filters.clear();
 */

import type { HostName } from "../../contract/lab.ts";
import { HOSTS } from "./layout.ts";
import type { Namespaces } from "./namespaces.ts";

/** Gives every host in the namespaces its `refuseByIcmp`; `clear` takes the rules away. */
export function hostFirewalls(namespaces: Namespaces): { clear(): Promise<void> } {
  const refused = new Map<HostName, readonly number[]>();
  for (const host of HOSTS) {
    // The firewall's own filter is PF.
    if (host === "firewall") continue;
    namespaces.hosts[host].refuseByIcmp = async (port) => {
      const ports = [...(refused.get(host) ?? []), port];
      refused.set(host, ports);
      await namespaces.loadRules(host, refusing(ports));
    };
  }
  return {
    async clear() {
      await Promise.all([...refused.keys()].map((host) => namespaces.loadRules(host, "flush ruleset\n")));
      refused.clear();
    },
  };
}

/** nft(8) text that replaces a host's rules. */
const refusing = (ports: readonly number[]): string => `flush ruleset
table inet host {
  chain input {
    type filter hook input priority filter
    tcp dport { ${ports.join(", ")} } reject with icmpx port-unreachable
  }
}
`;
