/**
 * The netns lab with a proxy on its firewall, without a play: no observer watches the packets. Other wires between
 * the same hosts can lie beside the lab's, and the firewall's kernel forwards those alone.
 */

import { readFile } from "node:fs/promises";
import type { Lab, LabHost } from "../../harness/contract/lab.ts";
import type { Subject } from "../../harness/contract/subject.ts";
import netns from "../../harness/labs/netns.ts";

const PF_CONF = new URL("../../vm/pf/divert-to/forward.conf", import.meta.url);

export async function openLab(subject: Subject): Promise<{ readonly lab: Lab; stop(): Promise<void> }> {
  const pfConf = await readFile(PF_CONF, "utf8");
  const lab = await netns.open({ seed: 1, side: "forward", family: "inet", era: "divert-to", pfConf });
  try {
    const running = await subject.start(lab, { side: "forward", family: "inet", era: "divert-to", args: [] });
    const stop = async () => {
      await running.stop();
      await lab.close();
    };
    return { lab, stop };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

const CLIENT = { device: "plain0", address: "192.0.2.5", gateway: "192.0.2.1" };
const SERVER = { device: "plain1", address: "203.0.113.7", gateway: "203.0.113.1" };

/** Lays veth(4) pairs from the client and from the server to the firewall, and lets its kernel forward. */
export async function forwardByKernel(lab: Lab): Promise<{ readonly address: string; undo(): Promise<void> }> {
  const { client, server, firewall } = lab.hosts;
  const firewallNamespace = (await run(firewall, "ip", ["netns", "identify"])).trim();
  for (const [host, own, other] of [
    [client, CLIENT, SERVER],
    [server, SERVER, CLIENT],
  ] as const) {
    const { device } = own;
    const pair = ["type", "veth", "peer", "name", device, "netns", firewallNamespace];
    await run(host, "ip", ["link", "add", device, ...pair]);
    await run(host, "ip", ["address", "add", `${own.address}/24`, "dev", device]);
    await run(firewall, "ip", ["address", "add", `${own.gateway}/24`, "dev", device]);
    for (const end of [host, firewall]) await run(end, "ip", ["link", "set", device, "up"]);
    await run(host, "ip", ["route", "add", `${other.address}/32`, "via", own.gateway]);
  }
  const forward = (on: 0 | 1) => run(firewall, "sysctl", ["-qw", `net.ipv4.ip_forward=${on}`]);
  await forward(1);
  return {
    address: SERVER.address,
    async undo() {
      await forward(0);
      await run(client, "ip", ["link", "delete", CLIENT.device]);
      await run(server, "ip", ["link", "delete", SERVER.device]);
    },
  };
}

async function run(host: LabHost, command: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await host.run(command, args);
  if (status !== 0) throw new Error(`${host.name}: ${command} ${args.join(" ")}: ${stderr.trim()}`);
  return stdout;
}
