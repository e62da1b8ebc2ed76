/** The facts about this machine (Vagrant, providers, /dev/kvm, the proxy's bundle) and about Vagrant's machines. */

import { execFile } from "node:child_process";
import { access, constants, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { packageFile } from "../../package.ts";
import type { HostSystem, MachineFacts, Provider } from "./missing.ts";

const BUNDLE = fileURLToPath(packageFile("dist/ftp-proxy.mjs"));

export async function machineFacts(): Promise<MachineFacts> {
  const [version, plugins, virtualbox, release] = await Promise.all([
    output("vagrant", ["--version"]),
    output("vagrant", ["plugin", "list"]),
    output("VBoxManage", ["--version"]),
    readFile("/etc/os-release", "utf8").catch(() => ""),
  ]);
  const providers: Provider[] = [];
  if (plugins?.includes("vagrant-libvirt") === true) providers.push("libvirt");
  if (virtualbox !== undefined) providers.push("virtualbox");
  const withoutNode = (process.env.ANCHORAGE_WITHOUT_NODE ?? "") !== "";
  return {
    system: hostSystem(process.platform, release),
    vagrant: version === undefined ? undefined : (/\d[\w.]*/.exec(version)?.[0] ?? version.trim()),
    providers,
    kvm: await kvm(),
    bundle: withoutNode || (await has(BUNDLE, constants.R_OK)),
  };
}

/** By os-release(5). */
export function hostSystem(platform: NodeJS.Platform, osRelease: string): HostSystem {
  if (platform === "darwin") return "macos";
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(osRelease)?.[1] ?? "";
  const names = `${value("ID")} ${value("ID_LIKE")}`.split(" ");
  if (names.some((name) => name === "debian" || name === "ubuntu")) return "debian";
  return names.some((name) => name === "fedora" || name === "rhel") ? "fedora" : "other";
}

async function kvm(): Promise<MachineFacts["kvm"]> {
  if (await has("/dev/kvm", constants.R_OK | constants.W_OK)) return "usable";
  return (await has("/dev/kvm", constants.F_OK)) ? "denied" : "absent";
}

const has = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

/** Undefined: the program is not there, or fails. */
const output = (command: string, args: readonly string[]): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(command, args, { timeout: 60_000 }, (error, stdout) => resolve(error === null ? stdout : undefined));
  });

export interface MachineState {
  /** `running`, `not_created`, `shutoff`, `poweroff` … in the provider's words. */
  readonly state: string;
  readonly provider?: string;
}

/**
 * By `vagrant status --machine-readable`: lines of comma-separated fields, `time,machine,type,data…`.
 *
 * @example
 * machineStates("1700000000,openbsd-7.8,state,running\n") // Map { "openbsd-7.8" => { state: "running" } }
 */
export function machineStates(text: string): Map<string, MachineState> {
  const found = new Map<string, MachineState>();
  for (const line of text.split("\n")) {
    const [, machine = "", type, data = ""] = line.trim().split(",");
    if (machine === "") continue;
    const known = found.get(machine) ?? { state: "unknown" };
    if (type === "state") found.set(machine, { ...known, state: data });
    if (type === "provider-name") found.set(machine, { ...known, provider: data });
  }
  return found;
}
