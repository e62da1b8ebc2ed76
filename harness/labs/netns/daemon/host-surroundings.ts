/**
 * Prepares the hosts of a running lab for the user's programs: the other hosts' names, no DNS to wait for, and on
 * the firewall a `pfctl`. All of it is in the mount namespace of the host's agent.
 */

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostName, LabHost } from "../../../contract/lab.ts";
import { programWords } from "../../../package.ts";
import { binFolder, controlSocket, type RunningHost } from "./running-lab.ts";

/** The process whose namespaces are the host's: the shell's parent is the agent. */
export async function agentPid(host: LabHost): Promise<number> {
  return Number((await host.run("sh", ["-c", "echo $PPID"])).stdout);
}

export async function furnish(
  folder: string,
  hosts: Readonly<Record<HostName, LabHost>>,
  described: Readonly<Record<HostName, RunningHost>>,
): Promise<void> {
  const names = Object.entries(described).flatMap(([name, { addresses }]) => addresses.map((one) => `${one} ${name}`));
  writeFileSync(join(folder, "hosts"), `127.0.0.1 localhost\n::1 localhost\n${names.join("\n")}\n`);
  writeFileSync(
    join(folder, "nsswitch.conf"),
    "passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\n",
  );
  const bind = ["hosts", "nsswitch.conf"].map((file) => `mount --bind '${join(folder, file)}' /etc/${file}`);
  await Promise.all(
    Object.values(hosts).map(async (host) => {
      const { status, stderr } = await host.run("sh", ["-c", bind.join(" && ")]);
      if (status !== 0) throw new Error(`${host.name}: ${stderr.trim()}`);
    }),
  );
  installPfctl(folder);
}

function installPfctl(folder: string): void {
  const file = join(binFolder(folder), "pfctl");
  mkdirSync(binFolder(folder));
  const words = [...programWords("harness/labs/netns/daemon/pfctl-program.ts"), controlSocket(folder)];
  writeFileSync(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`);
  chmodSync(file, 0o755);
}
