/**
 * `anchorage lab up`: sets a lab up and keeps it standing. Its keeper is this very command with
 * `--foreground`, started as a process of its own, which tells when the lab is ready.
 */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import type { Era, Side } from "../../contract/lab.ts";
import type { StandingLab } from "../../labs/netns/keeper/standing-lab.ts";
import { readLabs, readSubjects } from "../../run/catalogue.ts";
import { startAnew } from "../start-anew.ts";
import { UsageError } from "../usage-error.ts";
import { welcome } from "./welcome.ts";
import { checked, nameOption } from "./which.ts";

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

/** What the keeper tells the command that has started it. */
type Report = { readonly ready: StandingLab } | { readonly failed: string; readonly status: number };

/** Something on this machine is in the way; the message says what to do. */
class CannotStand extends Error {
  override readonly name = "CannotStand";
}

const BIN = fileURLToPath(new URL("../../../bin/anchorage.mjs", import.meta.url));

export const labUpCommand = (finish: (status: number) => void): Command =>
  new Command("up")
    .description("set a lab up: client, firewall with PF and proxy, server")
    .argument("[proxy-option...]", "after --: options of ftp-proxy(8), such as -A")
    .addOption(nameOption())
    .addOption(
      new Option("--side <side>", "the client inside, or the server inside (ftp-proxy -R)")
        .choices(["forward", "reverse"])
        .default("forward"),
    )
    .addOption(
      new Option("--era <era>", "PF language of the firewall (default: divert-to)").choices([
        ...["divert-to", "rdr-to", "rdr-anchor"],
      ]),
    )
    .option("--subject <name>", "the proxy, or `none`", "core-daemon")
    .option("--pf-conf <file>", "the firewall's pf.conf, instead of the one of its era")
    .option("--server <name>", "FTP server: ftp-srv, vsftpd, proftpd, pure-ftpd …, or `none`", "ftp-srv")
    .option("--capture <file>", "write the packets of the firewall's interfaces there as they come (pcapng)")
    .option("--foreground", "stay here until Ctrl-C, instead of in the background")
    .action(async (proxyArgs: string[], options: UpOptions) => {
      const problem = await attempt(options, () =>
        options.foreground === true ? keep(proxyArgs, options) : startKeeper(proxyArgs, options),
      );
      if (problem === undefined) return;
      if (process.send === undefined) console.error(`anchorage: ${problem.failed}`);
      else await report(problem);
      finish(problem.status);
    });

/** Undefined: it went well. What is nobody's fault here comes back in words. */
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
      const remedy = "put it away by `anchorage lab down`, or choose another --name";
      return { failed: `${message}: ${remedy}`, status: 1 };
    }
    if (name === "PfConfError" && options.pfConf !== undefined) {
      return { failed: message.replaceAll("/etc/pf.conf", options.pfConf), status: 1 };
    }
    const expected = ["CannotStand", "SetUpError", "PfConfError", "PlayerMissing"].includes(name);
    return { failed: expected ? message : `the lab could not be set up: ${message}`, status: 1 };
  }
}

async function startKeeper(proxyArgs: readonly string[], options: UpOptions): Promise<void> {
  const { name, side, era, subject, server } = options;
  const line = ["lab", "up", "--foreground", "--name", name, "--side", side, "--subject", subject, "--server", server];
  if (era !== undefined) line.push("--era", era);
  if (options.pfConf !== undefined) line.push("--pf-conf", resolve(options.pfConf));
  if (options.capture !== undefined) line.push("--capture", resolve(options.capture));
  const [program = "", ...rest] = [...(await wordsBefore()), process.execPath, BIN, ...line, "--", ...proxyArgs];
  const keeper = spawn(program, rest, { detached: true, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said = "";
  keeper.stderr?.on("data", (bytes: Buffer) => {
    said += bytes.toString();
  });
  const interrupt = () => keeper.kill("SIGTERM");
  process.once("SIGINT", interrupt);
  const told = await new Promise<Report>((settle) => {
    keeper.once("message", (message) => settle(message as Report));
    keeper.once("error", (error) => settle({ failed: error.message, status: 1 }));
    keeper.once("close", (status, signal) =>
      settle({ failed: `the keeper ended (${signal ?? status}): ${said.trim()}`, status: 1 }),
    );
  });
  process.off("SIGINT", interrupt);
  if ("failed" in told) {
    if (told.status === 2) throw new UsageError(told.failed);
    throw new CannotStand(told.failed);
  }
  keeper.disconnect();
  keeper.stderr?.destroy();
  keeper.unref();
  console.log(welcome(told.ready));
}

/** What must stand before the keeper's command line. */
async function wordsBefore(): Promise<readonly string[]> {
  const [lab] = await readLabs(["netns"]);
  const by = lab?.startedBy?.();
  if (by !== undefined && "refused" in by) throw new CannotStand(`a standing lab ${by.refused}`);
  return by?.words ?? [];
}

async function keep(proxyArgs: readonly string[], options: UpOptions): Promise<void> {
  if ((await wordsBefore()).length > 0) await startAnew(await readLabs(["netns"]));
  // Until the lab stands, whatever has been made goes with the process.
  const leave = (signal: NodeJS.Signals) => process.exit(signal === "SIGINT" ? 130 : 143);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, leave);
  // Nobody reads any more what the agents may have to say.
  process.stderr.on("error", () => {});
  const { keepLab } = await import("../../labs/netns/keeper/keeper.ts");
  const kept = await keepLab(await keepOptions(proxyArgs, options)).catch(async (error: unknown) => {
    const { shutDownPlaces } = await import("../../labs/netns/places.ts");
    await shutDownPlaces();
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
  else await report({ ready: kept.description });
  await stopped;
  // A second signal does not wait.
  for (const signal of signals) {
    process.off(signal, stop);
    process.on(signal, leave);
  }
  await kept.down();
  for (const signal of signals) process.off(signal, leave);
}

/** Wrong use is told before what the machine lacks. */
async function keepOptions(proxyArgs: readonly string[], options: UpOptions) {
  const name = checked(options.name);
  const { side, server, capture, era = "divert-to" } = options;
  const file = options.pfConf === undefined ? undefined : readable(resolve(options.pfConf));
  const subjects = await readSubjects();
  const subject = subjects.find((one) => one.name === options.subject);
  if (subject === undefined) {
    const names = subjects.map((one) => one.name).join(", ");
    throw new UsageError(`no subject is called "${options.subject}"; there are ${names}`);
  }
  if (subject.kernelRules !== undefined && file !== undefined)
    throw new UsageError(`${subject.name}: PF is out of the way, so there is no pf.conf`);
  const { serverNames, serverNeeds } = await import("../../labs/netns/keeper/file-server.ts");
  const servers = await serverNames();
  if (!servers.includes(server))
    throw new UsageError(`no server is called "${server}"; there are ${servers.join(", ")}`);
  const [lab] = await readLabs(["netns"]);
  if (lab === undefined) throw new CannotStand("there is no lab netns");
  if (!lab.eras.includes(era)) throw new UsageError(`netns has no era ${era}; it has ${lab.eras.join(", ")}`);
  const lacks = subject.lacks({ side, family: "inet", era, args: proxyArgs }, lab);
  if (lacks !== undefined) throw new UsageError(`${subject.name} in ${era}: ${lacks}`);
  const missing = await lab.unavailable();
  if (missing !== undefined) throw new CannotStand(`a standing lab ${missing}`);
  const lacking = (await serverNeeds(server)).map((need) => lab.lacks(need)).find((reason) => reason !== undefined);
  if (lacking !== undefined)
    throw new CannotStand(`server ${server} ${lacking}; --server ftp-srv and pyftpdlib do not`);
  const { templateFor } = await import("../../play/pf-conf.ts");
  return {
    ...{ name, side, era, subject, proxyArgs, server },
    pfConf: file === undefined ? { text: await templateFor({ era, side, subject }) } : { file },
    ...(capture !== undefined && { capture: resolve(capture) }),
  };
}

function readable(file: string): string {
  try {
    readFileSync(file);
    return file;
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** To the command that has started this keeper. */
const report = (message: Report): Promise<void> =>
  new Promise((settle) => process.send?.(message, undefined, {}, () => settle()));
