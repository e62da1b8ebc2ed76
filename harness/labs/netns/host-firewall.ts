/**
 * A packet filter on each host, for as long as a play asks for it: it refuses connections to a port by
 * ICMP, as REJECT rules do, where TCP itself would send RST.
 *
 * @example
 * const filters = hostFirewalls(namespaces);
 * await namespaces.hosts.server.refuseByIcmp?.(50000);
 * filters.clear();
 */

import type { HostName } from "../../contract/lab.ts";
import { HOSTS } from "./layout.ts";
import type { Namespaces } from "./namespaces.ts";

/** Gives every host in the namespaces its `refuseByIcmp`; `clear` takes the rules away. */
export function hostFirewalls(namespaces: Namespaces): { clear(): void } {
  const refused = new Map<HostName, readonly number[]>();
  const configure = (host: HostName, rules: string) => namespaces.configure(host, "nft", ["-f", "-"], rules);
  for (const host of HOSTS) {
    // The firewall's own filter is PF.
    if (host === "firewall") continue;
    namespaces.hosts[host].refuseByIcmp = async (port) => {
      const ports = [...(refused.get(host) ?? []), port];
      refused.set(host, ports);
      configure(host, refusing(ports));
    };
  }
  return {
    clear() {
      for (const host of refused.keys()) configure(host, "flush ruleset\n");
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
