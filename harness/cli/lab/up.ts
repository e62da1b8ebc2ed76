/**
 * `anchorage lab up`: sets up a lab that stays. A background process, the daemon, holds it: this same command with
 * `--foreground`. The daemon reports over IPC when the lab is ready, or why it failed.
 */

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import type { Era, HostName, Side } from "../../contract/lab.ts";
import type { RunningLab } from "../../labs/netns/daemon/running-lab.ts";
import { packageFile } from "../../package.ts";
import { readLabs, readSubjects } from "../../run/catalogue.ts";
import { type Finish, UsageError } from "../exit-status.ts";
import { readInput } from "../input.ts";
import { eraOption, sideOption } from "../options.ts";
import { relaunch } from "../relaunch.ts";
import { checkedName, labCommandLine, nameOption } from "./named-lab.ts";

interface UpOptions {
  readonly name: string;
  readonly side: Side;
  readonly era?: Era;
  readonly subject: string;
  readonly pfConf?: string;
  readonly server: string;
  readonly capture?: string;
  readonly foreground?: boolean;
}

/** The daemon's message to the command that started it. */
type Report = { readonly ready: RunningLab } | { readonly failed: string; readonly status: number };

/** This machine cannot hold a lab; the message says what to do. */
class LabUnavailable extends Error {
  override readonly name = "LabUnavailable";
}

const BIN = fileURLToPath(packageFile("bin/anchorage.mjs"));

export const labUpCommand = (finish: Finish): Command =>
  new Command("up")
    .description("set a lab up: client, firewall with PF and proxy, server")
    .argument("[proxy-option...]", "after --: options of ftp-proxy(8), such as -A")
    .addOption(nameOption())
    .addOption(sideOption("--side <side>").default("forward"))
    .addOption(eraOption("--era <era>", "PF language of the firewall (default: divert-to)"))
    .option("--subject <name>", "the proxy, or `none`", "core-daemon")
    .option("--pf-conf <file>", "the firewall's pf.conf, instead of the one of its era")
    .option("--server <name>", "FTP server: ftp-srv, vsftpd, proftpd, pure-ftpd …, or `none`", "ftp-srv")
    .option("--capture <file>", "write the packets of the firewall's interfaces to this file as they come (pcapng)")
    .option("--foreground", "stay here until Ctrl-C, instead of in the background")
    .action(async (proxyArgs: string[], options: UpOptions) => {
      const problem = await attempt(options, () =>
        options.foreground === true ? keep(proxyArgs, options) : startKeeper(proxyArgs, options),
      );
      if (problem === undefined) return;
      if (process.send === undefined) console.error(`anchorage: ${problem.failed}`);
      else await send(problem);
      finish(problem.status);
    });

/** Undefined if the work succeeded; otherwise the message and the exit status. */
async function attempt(
  options: UpOptions,
  work: () => Promise<void>,
): Promise<Extract<Report, { failed: string }> | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const { name, message } = error as Error;
    if (error instanceof UsageError) return { failed: message, status: 2 };
    if (name === "NameTaken") {
      const remedy = "take it down with `anchorage lab down`, or choose another --name";
      return { failed: `${message}: ${remedy}`, status: 1 };
    }
    if (name === "PfConfError" && options.pfConf !== undefined) {
      return { failed: message.replaceAll("/etc/pf.conf", options.pfConf), status: 1 };
    }
    const expected = ["LabUnavailable", "SetUpError", "PfConfError", "PlayerMissing"].includes(name);
    return { failed: expected ? message : `the lab could not be set up: ${message}`, status: 1 };
  }
}

async function startKeeper(proxyArgs: readonly string[], options: UpOptions): Promise<void> {
  const { name, side, era, subject, server } = options;
  const line = ["lab", "up", "--foreground", "--name", name, "--side", side, "--subject", subject, "--server", server];
  if (era !== undefined) line.push("--era", era);
  if (options.pfConf !== undefined) line.push("--pf-conf", resolve(options.pfConf));
  if (options.capture !== undefined) line.push("--capture", resolve(options.capture));
  const [program = "", ...rest] = [...(await launcherWords()), process.execPath, BIN, ...line, "--", ...proxyArgs];
  const daemon = spawn(program, rest, { detached: true, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said = "";
  daemon.stderr?.on("data", (bytes: Buffer) => {
    said += bytes.toString();
  });
  const interrupt = () => daemon.kill("SIGTERM");
  process.once("SIGINT", interrupt);
  const report = await new Promise<Report>((settle) => {
    daemon.once("message", (message) => settle(message as Report));
    daemon.once("error", (error) => settle({ failed: error.message, status: 1 }));
    daemon.once("close", (status, signal) =>
      settle({ failed: `the daemon ended (${signal ?? status}): ${said.trim()}`, status: 1 }),
    );
  });
  process.off("SIGINT", interrupt);
  if ("failed" in report) {
    if (report.status === 2) throw new UsageError(report.failed);
    throw new LabUnavailable(report.failed);
  }
  daemon.disconnect();
  daemon.stderr?.destroy();
  daemon.unref();
  console.log(welcome(report.ready));
}

/** The program that must start the daemon, as words before its command line. */
async function launcherWords(): Promise<readonly string[]> {
  const [lab] = await readLabs(["netns"]);
  const by = lab?.startedBy?.();
  if (by !== undefined && "refused" in by) throw new LabUnavailable(`lab up ${by.refused}`);
  return by?.words ?? [];
}

async function keep(proxyArgs: readonly string[], options: UpOptions): Promise<void> {
  if ((await launcherWords()).length > 0) await relaunch(await readLabs(["netns"]));
  // Until the lab is ready, everything made so far is removed when the process exits.
  const leave = (signal: NodeJS.Signals) => process.exit(signal === "SIGINT" ? 130 : 143);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, leave);
  // The command that started the daemon may be gone, and with it the reader of what the agents print.
  process.stderr.on("error", () => {});
  const { startLab } = await import("../../labs/netns/daemon/lab-daemon.ts");
  const kept = await startLab(await keepOptions(proxyArgs, options)).catch(async (error: unknown) => {
    const { closeNamespaces } = await import("../../labs/netns/namespace-pool.ts");
    await closeNamespaces();
    throw error;
  });
  let stop: () => void = () => {};
  const stopped = new Promise<void>((settle) => {
    stop = settle;
  });
  for (const signal of signals) {
    process.off(signal, leave);
    process.on(signal, stop);
  }
  if (process.send === undefined) console.log(welcome(kept.description, { foreground: true }));
  else await send({ ready: kept.description });
  await stopped;
  // A second signal does not wait.
  for (const signal of signals) {
    process.off(signal, stop);
    process.on(signal, leave);
  }
  await kept.down();
  for (const signal of signals) process.off(signal, leave);
}

/** Checks the command line first (UsageError), then this machine (LabUnavailable). */
async function keepOptions(proxyArgs: readonly string[], options: UpOptions) {
  const name = checkedName(options.name);
  const { side, server, capture, era = "divert-to" } = options;
  const file = options.pfConf === undefined ? undefined : resolve(options.pfConf);
  if (file !== undefined) readInput(file);
  const subjects = await readSubjects();
  const subject = subjects.find((one) => one.name === options.subject);
  if (subject === undefined) {
    const names = subjects.map((one) => one.name).join(", ");
    throw new UsageError(`no subject is called "${options.subject}"; there are ${names}`);
  }
  if (subject.kernelRules !== undefined && file !== undefined)
    throw new UsageError(`--subject ${subject.name} replaces PF: leave --pf-conf out`);
  const { serverNames, serverNeeds } = await import("../../labs/netns/daemon/file-server.ts");
  const servers = serverNames();
  if (!servers.includes(server))
    throw new UsageError(`no server is called "${server}"; there are ${servers.join(", ")}`);
  const [lab] = await readLabs(["netns"]);
  if (lab === undefined) throw new LabUnavailable("there is no lab netns");
  if (!lab.eras.includes(era)) throw new UsageError(`netns has no era ${era}; it has ${lab.eras.join(", ")}`);
  const lacks = subject.lacks({ side, family: "inet", era, args: proxyArgs }, lab);
  if (lacks !== undefined) throw new UsageError(`${subject.name} in ${era}: ${lacks}`);
  const missing = await lab.unavailable();
  if (missing !== undefined) throw new LabUnavailable(`lab up ${missing}`);
  const lacking = serverNeeds(server)
    .map((need) => lab.lacks(need))
    .find((reason) => reason !== undefined);
  if (lacking !== undefined)
    throw new LabUnavailable(`server ${server} ${lacking}; --server ftp-srv and pyftpdlib do not`);
  const { templateFor } = await import("../../play/cell.ts");
  return {
    ...{ name, side, era, subject, proxyArgs, server },
    pfConf: file === undefined ? { text: await templateFor({ era, side, subject }) } : { file },
    ...(capture !== undefined && { capture: resolve(capture) }),
  };
}

/** Sends it to the command that started this daemon. */
const send = (message: Report): Promise<void> =>
  new Promise((settle) => process.send?.(message, undefined, {}, () => settle()));

const SHOWN: readonly HostName[] = ["client", "firewall", "server"];

/** The lab's hosts, and commands to try. */
function welcome(lab: RunningLab, { foreground = false } = {}): string {
  const command = (words: string) => labCommandLine(words, lab.name);
  const row = (name: string, words: string) => `  ${name.padEnd(10)}${words}`;
  return [
    `The lab "${lab.name}" is up: ${lab.side}, ${lab.era}, ${lab.subject}.`,
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
