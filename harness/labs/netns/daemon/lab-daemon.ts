/**
 * A netns lab that runs for people: sets it up, starts the proxies and an FTP server, answers `pfctl`, `lab watch` and
 * `lab log`, and takes everything down.
 *
 * @example
 * const started = await startLab({ name: "lab", side: "forward", era: "divert-to", subject, server: "ftp-srv", … });
 * await started.down();
 */

import { randomInt } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { realClock } from "../../../agent/runner/real-clock.ts";
import { type Era, type HostName, type Lab, LabLost, type Side } from "../../../contract/lab.ts";
import { rolesOf } from "../../../contract/roles.ts";
import type { RunningSubject, Subject } from "../../../contract/subject.ts";
import { isLinkLocal } from "../../../net/wire/address.ts";
import { LiveRecording, noRecording, type Recorder } from "../../../net/wire/recording.ts";
import type { Family } from "../../../pf/packet.ts";
import type { CommandResult } from "../../../pf/pfctl.ts";
import { devices, HOSTS, RECORDED_INTERFACES } from "../layout.ts";
import { closeNamespaces, runFolder } from "../namespace-pool.ts";
import { openPlay } from "../play.ts";
import { killAllIn, processesIn } from "../processes.ts";
import { type Answer, openControlSocket } from "./control-socket.ts";
import { type FileServer, startFileServer } from "./file-server.ts";
import { agentPid, furnish } from "./host-surroundings.ts";
import { controlSocket, type RunningHost, type RunningLab, writeDescription } from "./running-lab.ts";
import { Sessions } from "./sessions.ts";
import { LogLines, snapshot } from "./snapshot.ts";

export interface LabOptions {
  readonly name: string;
  readonly side: Side;
  readonly era: Era;
  readonly subject: Subject;
  /** Options of ftp-proxy(8). */
  readonly proxyArgs: readonly string[];
  /** See file-server.ts. */
  readonly server: string;
  /** The firewall's pf.conf: a file that people may edit, or a text. Unused when the subject is the firewall's kernel. */
  readonly pfConf: { readonly file: string } | { readonly text: string };
  /** A file of packets (pcapng), written as they come. */
  readonly capture?: string;
}

export interface StartedLab {
  readonly description: RunningLab;
  /** Ends everything, people's shells on the hosts included. */
  down(): Promise<void>;
}

const FAMILIES: readonly Family[] = ["inet", "inet6"];
const PF_CONF = "/etc/pf.conf";
/** The answer to pfctl when the firewall's kernel forwards by nft(8) rules. */
const PF_IS_OUT: CommandResult = {
  status: 1,
  stdout: "",
  stderr:
    "pfctl: PF is out of the way here: Linux forwards by its own rules (nft list ruleset, conntrack -L, conntrack -L expect on the firewall)\n",
};
/** For proxies and server to end. */
const STOP_LIMIT_MS = 5_000;
/** For a shell to end after SIGHUP. */
const HANG_UP_MS = 1_000;
const LOOK_MS = 20;

/** Throws NameTaken, PfConfError, SetUpError. closeNamespaces or the end of the process then removes a partial lab. */
export async function startLab(options: LabOptions): Promise<StartedLab> {
  const { name, side, era, subject } = options;
  const folder = await runFolder();
  folder.claim(name);
  const kernelRules = subject.kernelRules?.(side);
  const rules = writeRules(folder.path, kernelRules, options.pfConf);
  const files = new FirewallFiles(kernelRules === undefined ? rules.pfConf : undefined);
  const capture = openCapture(options.capture);
  const kernel = kernelRules === undefined ? {} : { kernelRules };
  const setup = { seed: randomInt(2 ** 32), side, family: "inet", era, pfConf: "", ...kernel } as const;
  const lab = await openPlay(setup, { recorder: capture.recorder, readFile: (path) => files.read(path) });
  const observed = observe(lab, side);
  const hosts = await describeHosts(lab, side, folder.namespaces);
  await furnish(folder.path, lab.hosts, hosts);
  // A subject without a proxy starts once for both families.
  const families = subject.terminates ? FAMILIES : FAMILIES.slice(0, 1);
  const [running, server] = await Promise.all([
    Promise.all(families.map((family) => subject.start(lab, { side, family, era, args: options.proxyArgs }))),
    startFileServer(options.server, lab.hosts.server, folder.path),
  ]);
  const inCharge = kernelRules === undefined ? "PF" : "the kernel";
  const answer = answering(lab, { inCharge, era }, observed, files);
  const control = await openControlSocket(controlSocket(folder.path), answer);
  const description: RunningLab = {
    ...{ name, side, era, hosts, ...rules },
    pid: process.pid,
    path: folder.path,
    since: Date.now(),
    subject: subject.name,
    commands: running.flatMap(({ command }) => (command === undefined ? [] : [command])),
    server: options.server,
    account: server.account,
    dialled: FAMILIES.map((family) => rolesOf(lab, side, family).dialled.address),
    ...(options.capture !== undefined && { capture: options.capture }),
  };
  writeDescription(description);
  return {
    description,
    async down() {
      control.close();
      await stopAll(running, server);
      await hangUp(folder.namespaces, new Set(Object.values(hosts).map(({ pid }) => pid)));
      // A lab that has lost a host goes down all the same.
      await lab.close().catch((error) => (error instanceof LabLost ? undefined : Promise.reject(error)));
      capture.close();
      await closeNamespaces();
    },
  };
}

/** The firewall's files as pfctl reads them: /etc/pf.conf is the lab's; others are relative to where pfctl was started. */
class FirewallFiles {
  /** Of the pfctl that is being answered; undefined: a program that may read /etc/pf.conf alone. */
  directory: string | undefined;
  readonly #pfConf: string | undefined;

  /** `pfConf` undefined: the kernel is in charge, and every file is empty. */
  constructor(pfConf: string | undefined) {
    this.#pfConf = pfConf;
  }

  read(path: string): string | undefined {
    if (this.#pfConf === undefined) return "";
    const file =
      path === PF_CONF ? this.#pfConf : this.directory === undefined ? undefined : resolve(this.directory, path);
    try {
      return file === undefined ? undefined : readFileSync(file, "latin1");
    } catch {
      return undefined;
    }
  }
}

/** Writes packets to the file as they come. */
function openCapture(file: string | undefined): { readonly recorder: Recorder; close(): void } {
  if (file === undefined) return { recorder: noRecording, close: () => {} };
  const descriptor = openSync(file, "w");
  const write = (bytes: Uint8Array) => writeSync(descriptor, bytes);
  const recorder = new LiveRecording({ interfaces: RECORDED_INTERFACES, write, clock: realClock });
  return {
    recorder,
    close() {
      recorder.flush();
      closeSync(descriptor);
    },
  };
}

interface Observed {
  readonly sessions: Sessions;
  readonly log: LogLines;
}

function observe(lab: Lab, side: Side): Observed {
  const sessions = new Sessions(side === "forward" ? "inside" : "outside");
  const log = new LogLines();
  lab.observe((event) => {
    sessions.add(event);
    if (event.kind === "log") log.add(event);
    if (event.kind === "expectation") log.add({ atMs: event.atMs, level: 6, text: `expected: ${event.text}` });
  });
  return { sessions, log };
}

/** The answers to `pfctl`, `lab watch` and `lab log`. */
function answering(
  lab: Lab,
  firewall: { readonly inCharge: "PF" | "the kernel"; readonly era: Era },
  { sessions, log }: Observed,
  files: FirewallFiles,
): Answer {
  return async (question, say, signal) => {
    switch (question.ask) {
      case "pfctl": {
        if (firewall.inCharge === "the kernel") return say(PF_IS_OUT);
        // The model answers within this call, so no other question sees the directory.
        files.directory = question.directory;
        const answer = lab.firewall.pfctl(question.args, question.stdin);
        files.directory = undefined;
        return say(await answer);
      }
      case "snapshot":
        return say(await snapshot(lab, firewall, { sessions, log, atMs: Date.now() }));
      case "log":
        for (const line of log.last()) say(line);
        if (question.follow) await log.follow(say, signal);
    }
  };
}

/** The file with the firewall's rules: the lab's, or a person's. */
function writeRules(
  folder: string,
  kernelRules: string | undefined,
  pfConf: LabOptions["pfConf"],
): Pick<RunningLab, "pfConf" | "kernelRules"> {
  if (kernelRules === undefined && "file" in pfConf) return { pfConf: pfConf.file };
  const file = join(folder, kernelRules === undefined ? "pf.conf" : "firewall.nft");
  // `nft -f` adds to the rules that are loaded.
  if (kernelRules !== undefined) writeFileSync(file, `flush ruleset\n\n${kernelRules}`);
  else if ("text" in pfConf) writeFileSync(file, pfConf.text);
  return kernelRules === undefined ? { pfConf: file } : { kernelRules: file };
}

async function describeHosts(
  lab: Lab,
  side: Side,
  namespaces: readonly string[],
): Promise<Record<HostName, RunningHost>> {
  const entries = await Promise.all(
    HOSTS.map(async (host): Promise<[HostName, RunningHost]> => {
      const own = devices(side).filter((device) => device.host === host);
      const all = own.flatMap((device) => device.addresses).map((address) => address.replace(/\/.*/, ""));
      // A link-local address needs an interface, so no name leads to it.
      const addresses = all.filter((address) => !isLinkLocal(address));
      const namespace = namespaces.find((name) => name.endsWith(`-${host}`)) ?? "";
      return [host, { namespace, pid: await agentPid(lab.hosts[host]), addresses }];
    }),
  );
  return Object.fromEntries(entries) as Record<HostName, RunningHost>;
}

async function stopAll(running: readonly RunningSubject[], server: FileServer): Promise<void> {
  const stopping = [...running, server].map((one) => Promise.race([one.stop(), waited(STOP_LIMIT_MS)]).catch(() => {}));
  await Promise.all(stopping);
}

/** Ends the processes of people who are logged in, as a machine that goes down does. */
async function hangUp(namespaces: readonly string[], staying: ReadonlySet<number>): Promise<void> {
  const others = () => processesIn(namespaces).filter((pid) => !staying.has(pid));
  for (const signal of ["SIGHUP", "SIGKILL"] as const) {
    if (others().length === 0) return;
    killAllIn(namespaces, signal, staying);
    for (let passed = 0; passed < HANG_UP_MS && others().length > 0; passed += LOOK_MS) await waited(LOOK_MS);
  }
}

const waited = (milliseconds: number): Promise<void> =>
  new Promise((settle) => void realClock.after(milliseconds, settle));
