/** What a person is told when a lab stands: who is where, and what to try. */

import type { HostName } from "../../contract/lab.ts";
import { DEFAULT_NAME, type StandingLab } from "../../labs/netns/keeper/standing-lab.ts";
import { sudo } from "./which.ts";

const SHOWN: readonly HostName[] = ["client", "firewall", "server"];

export function welcome(lab: StandingLab, { foreground = false } = {}): string {
  const named = lab.name === DEFAULT_NAME ? "" : ` --name ${lab.name}`;
  const command = (words: string) => `${sudo()}npx anchorage lab ${words.replace(/^\w+/, `$&${named}`)}`;
  const row = (name: string, words: string) => `  ${name.padEnd(10)}${words}`;
  return [
    `The lab "${lab.name}" stands: ${lab.side}, ${lab.era}, ${lab.subject}.`,
    "",
    ...SHOWN.map((name) => row(name, lab.hosts[name].addresses.join("  "))),
    "",
    ...lab.commands.map((line) => row("proxy", line)),
    row("server", lab.server + (lab.account === "" ? "" : `: ${lab.account}`)),
    ...(lab.pfConf === undefined ? [] : [row("pf.conf", `${lab.pfConf} (the firewall's /etc/pf.conf)`)]),
    ...(lab.kernelRules === undefined ? [] : [row("nft", `${lab.kernelRules} (in force instead of PF)`)]),
    ...(lab.capture === undefined ? [] : [row("capture", lab.capture)]),
    "",
    row("try", command("shell client")),
    row("", `  ftp ${lab.dialled.join("  or  ftp ")}`),
    row("see", `${command("watch")}, ${command(lab.pfConf === undefined ? "shell firewall" : "pfctl -sr")}`),
    row("end", foreground ? "Ctrl-C" : command("down")),
  ].join("\n");
}
