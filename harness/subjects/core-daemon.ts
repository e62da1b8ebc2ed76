/**
 * The proxy as the process that administrators run, `anchorage-ftp-proxy`, on the firewall. Where that is a model, its
 * pfctl goes there through a socket, and its log is read from standard error; elsewhere rc.d(8) starts it.
 *
 * @example
 * // anchorage run passive/pasv --lab netns --subject core-daemon
 */

import { fileURLToPath } from "node:url";
import type { RunningSubject, Subject } from "../contract/subject.ts";
import { packageFile, programWords } from "../package.ts";
import core, { commandLine, listensAt } from "./core.ts";
import { startedService } from "./ftp-proxy.ts";
import { startOnFirewall } from "./program/on-firewall.ts";

const PROXY = fileURLToPath(packageFile("bin/anchorage-ftp-proxy.mjs"));
const TRANSPARENT_PROXY = "harness/labs/netns/transparent-proxy.ts";

const coreDaemon: Subject = {
  name: "core-daemon",
  title: "anchorage-ftp-proxy, a process on the firewall",
  profile: core.profile,
  terminates: true,
  lacks(setup, lab) {
    return (lab.services === true ? undefined : lab.lacks("processes")) ?? core.lacks(setup, lab);
  },
  async start(lab, setup): Promise<RunningSubject> {
    if (lab.services !== undefined) return startedService(lab, lab.services, "core-daemon", setup);
    const { pfctlSocket } = lab.firewall;
    if (pfctlSocket === undefined) throw new Error(`${lab.name} has no socket for pfctl`);
    const at = listensAt(lab, setup);
    const args = commandLine(lab, setup);
    const command = `anchorage-ftp-proxy ${args.join(" ")}`;
    const socket = `--pf-socket=${pfctlSocket.address}:${pfctlSocket.port}`;
    const own = ["--json-log", socket, ...args];
    // Only diverted connections need a transparent listener.
    const line =
      setup.side === "reverse" || setup.era !== "divert-to" || args.includes("-b")
        ? [process.execPath, PROXY, ...own]
        : [...programWords(TRANSPARENT_PROXY), at.address, String(at.port), ...own];
    return startOnFirewall(lab, { name: "core-daemon", command, line, at, level: 3 });
  },
};

export default coreDaemon;
