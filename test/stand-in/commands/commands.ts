/** Every command that the machine serves, by name (root.ts puts them into the guest's PATH). */

import { accounts } from "./accounts.ts";
import type { Command } from "./command.ts";
import { ifconfig } from "./ifconfig.ts";
import { netstat } from "./netstat.ts";
import { packages } from "./packages.ts";
import { pfctl } from "./pfctl.ts";
import { processes } from "./processes.ts";
import { rcctl } from "./rcctl.ts";
import { route } from "./route.ts";
import { sysctl } from "./sysctl.ts";
import { hostname, machine, mount, neighbours, power, sha256, uname } from "./system.ts";
import { tcpdump } from "./tcpdump.ts";

export const COMMANDS: Readonly<Record<string, Command>> = {
  arch: machine,
  arp: neighbours,
  groupadd: accounts,
  groupinfo: accounts,
  hostname,
  ifconfig,
  machine,
  mount,
  ndp: neighbours,
  netstat,
  pfctl,
  pgrep: processes,
  pkg_add: packages,
  pkg_delete: packages,
  pkg_info: packages,
  pkill: processes,
  rcctl,
  reboot: power,
  route,
  sha256,
  shutdown: power,
  syspatch: neighbours,
  sysctl,
  tcpdump,
  umount: mount,
  uname,
  useradd: accounts,
  userdel: accounts,
  userinfo: accounts,
  usermod: accounts,
};
