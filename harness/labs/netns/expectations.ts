/**
 * The connections of the firewall's kernel, as conntrack(8) prints them: those that it forwards, and those that
 * nf_conntrack_ftp expects after a PORT or a 227.
 *
 * @example
 * await watchExpectations(namespaces.hosts.firewall, ({ to, text }) => …);
 * parseExpectation("    [NEW] 300 proto=6 src=198.51.100.7 dst=198.51.100.1 sport=0 dport=40000 mask-src=… helper=ftp")
 * // { text: "198.51.100.7 -> 198.51.100.1 port 40000", to: { address: "198.51.100.1", port: 40000 } }
 */

import type { Endpoint, Host } from "../../../proxy/host.ts";

export interface Expectation {
  readonly text: string;
  readonly to: Endpoint;
}

/** Runs until the play ends, as its other processes do. */
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

/** The current expectations. */
export async function readExpectations(host: Pick<Host, "run">): Promise<string[]> {
  const lines = await list(host, ["-L", "expect"]);
  return lines.flatMap((line) => parseExpectation(line)?.text ?? []);
}

/** The current connections, of both families. */
export async function readConnections(host: Pick<Host, "run">): Promise<string[]> {
  return (await list(host, ["-L"])).map((line) => line.replace(/ +/g, " "));
}

/** Empty without conntrack(8). */
async function list(host: Pick<Host, "run">, args: readonly string[]): Promise<string[]> {
  const { stdout } = await host.run("conntrack", args);
  return stdout.split("\n").filter((line) => line !== "");
}

/** A line of `conntrack -L expect`, or of `-E expect` about a new one. Source: libnetfilter_conntrack 1.0.9, nfct_exp_snprintf. */
export function parseExpectation(line: string): Expectation | undefined {
  if (line.includes("[DESTROY]")) return undefined;
  const found = / src=(\S+) dst=(\S+) .*?dport=(\d+) mask-src=/.exec(line);
  if (found === null) return undefined;
  const [, from = "", address = "", port = ""] = found;
  return { text: `${from} -> ${address} port ${port}`, to: { address, port: Number(port) } };
}
