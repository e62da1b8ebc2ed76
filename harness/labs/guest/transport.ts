/**
 * The way to a guest, which starts an agent on one of its hosts: any pipe, or ssh(1) with one connection for all agents,
 * which are files of perl in the login's home. A guest needs sshd, perl, and root without a password.
 *
 * @example
 * const transport = await sshTransport(await vagrantSshConfig("openbsd-7.8"));
 * transport.agent("client", ["route", "-T", "1", "exec"]);
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AGENT_SCRIPT, type BytePipe, startAgent } from "../../agent/runner/pipe.ts";
import type { HostName } from "../../contract/lab.ts";

export interface Transport {
  /** The guest's name in messages. */
  readonly destination: string;
  /** `within`: words before the agent's command on the guest. */
  agent(host: HostName, within: readonly string[]): BytePipe;
  close(): void;
}

/** The guest cannot be reached; the message follows the lab's name: "cannot be reached: …". */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/**
 * Any pipe: `CMD {host}`, run by a shell, must end in an agent of that host, as root there. It is started once for each
 * host, and a second time for the firewall.
 *
 * @example
 * commandTransport("ssh {host} perl anchorage-agent.pl")
 */
export function commandTransport(template: string): Transport {
  return {
    destination: template,
    agent: (host) => startAgent("sh", ["-c", template.replaceAll("{host}", host)]),
    close: () => {},
  };
}

/** For the first contact; afterwards a guest that is silent for 15 s is lost. */
const OPTIONS: readonly string[] = [
  ...["BatchMode=yes", "ConnectTimeout=15", "LogLevel=ERROR", "ControlMaster=auto", "ControlPersist=60"],
  ...["ServerAliveInterval=5", "ServerAliveCountMax=3", "RequestTTY=no"],
].flatMap((option) => ["-o", option]);

/** The first `Host` of an ssh_config(5) text that names one machine. Undefined: there is none. */
export function hostOf(config: string): string | undefined {
  for (const line of config.split("\n")) {
    const found = /^\s*Host(?:\s*=\s*|\s+)(.*\S)\s*$/i.exec(line);
    const name = found?.[1]?.split(/\s+/).find((one) => !/[*?!]/.test(one));
    if (name !== undefined) return name.replaceAll('"', "");
  }
  return undefined;
}

/** `config`: text of ssh_config(5), its first Host is the guest. Rejects with UnreachableError. */
export async function sshTransport(config: string): Promise<Transport> {
  const host = hostOf(config);
  if (host === undefined) throw new UnreachableError("cannot be reached: the ssh configuration names no Host");
  // A short path: names of sockets have about 100 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), "anchorage-ssh-"));
  const file = join(folder, "config");
  writeFileSync(file, config, { mode: 0o600 });
  const own = ["-F", file, "-S", join(folder, "control"), ...OPTIONS];
  const close = () => {
    execFile("ssh", [...own, "-O", "exit", host], () => rmSync(folder, { recursive: true, force: true }));
  };
  try {
    const agent = readFileSync(AGENT_SCRIPT);
    const path = `.anchorage-agent-${createHash("sha256").update(agent).digest("hex").slice(0, 16)}.pl`;
    const { become, home, present } = readProbe(await ssh([...own, host, "exec sh"], probe(path)));
    const place = `${home}/${path}`;
    // Under another name first, so that half a file never runs.
    if (!present) await ssh([...own, host, `cat > '${place}.new' && mv '${place}.new' '${place}'`], agent);
    return {
      destination: host,
      agent: (_, within) => startAgent("ssh", [...own, host, [...become, ...within, "perl", place].join(" ")]),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** A script for any shell that reports everything the lab must know; root by doas(1) or sudo without a password. */
const probe = (path: string): string => `
if [ "$(id -u)" = 0 ]; then echo become=
elif doas -n true 2>/dev/null; then echo become=doas -n
elif sudo -n true 2>/dev/null; then echo become=sudo -n
else echo become=no
fi
echo "home=$HOME"
if command -v perl >/dev/null; then echo perl=yes; fi
if [ -s "$HOME/${path}" ]; then echo agent=yes; fi
`;

interface Probed {
  readonly become: readonly string[];
  readonly home: string;
  readonly present: boolean;
}

/** Lines `name=value`, among anything that a login prints. Throws UnreachableError. */
export function readProbe(text: string): Probed {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1]?.trim();
  const become = value("become");
  const home = value("home");
  if (become === undefined || home === undefined) {
    throw new UnreachableError(`cannot be used: its shell answered ${JSON.stringify(text.slice(0, 80))}`);
  }
  if (become === "no") throw new UnreachableError("cannot be used: neither doas -n nor sudo -n makes the login root");
  if (value("perl") === undefined) throw new UnreachableError("cannot be used: it has no perl");
  return { become: become === "" ? [] : become.split(" "), home, present: value("agent") !== undefined };
}

function ssh(args: readonly string[], input: Uint8Array | string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("ssh", args, { timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === "ENOENT") reject(new UnreachableError("needs ssh(1)"));
      else reject(new UnreachableError(`cannot be reached: ${stderr.trim().split("\n").at(-1) || error.message}`));
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}
