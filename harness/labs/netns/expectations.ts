/**
 * What the firewall's kernel expects: connections that nf_conntrack_ftp has read about in a PORT or a 227
 * and will let in, told as conntrack(8) tells them.
 *
 * @example
 * await watchExpectations(place.hosts.firewall, ({ to, text }) => …);
 * parseExpectation("    [NEW] 300 proto=6 src=198.51.100.7 dst=198.51.100.1 sport=0 dport=40000 mask-src=… helper=ftp")
 * // { text: "198.51.100.7 -> 198.51.100.1 port 40000", to: { address: "198.51.100.1", port: 40000 } }
 */

import type { Endpoint, Host } from "../../../proxy/host.ts";

export interface Expectation {
  readonly text: string;
  readonly to: Endpoint;
}

/** It ends with the other processes of the play. */
export async function watchExpectations(
  host: Pick<Host, "spawn">,
  expected: (one: Expectation) => void,
): Promise<void> {
  const running = await host.spawn("conntrack", ["-E", "expect"]);
  let rest = "";
  running.onOutput((stream, bytes) => {
    if (stream !== "stdout") return;
    const lines = (rest + Buffer.from(bytes).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const one = parseExpectation(line);
      if (one !== undefined) expected(one);
    }
  });
}

/** A line of `conntrack -E expect` about a new one. Source: libnetfilter_conntrack 1.0.9, nfct_exp_snprintf. */
export function parseExpectation(line: string): Expectation | undefined {
  const found = /\[NEW\].* src=(\S+) dst=(\S+) .*?dport=(\d+) mask-src=/.exec(line);
  if (found === null) return undefined;
  const [, from = "", address = "", port = ""] = found;
  return { text: `${from} -> ${address} port ${port}`, to: { address, port: Number(port) } };
}
