/**
 * Keeps a netns lab standing for people: sets it up, starts the proxies and an FTP server, answers
 * `pfctl`, `lab watch` and `lab log`, and puts everything away.
 *
 * @example
 * const kept = await startLab({ name: "lab", side: "forward", era: "divert-to", subject, server: "ftp-srv", … });
 * await kept.down();
 */

import { randomInt } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { realClock } from "../../../agent/runner/real-clock.ts";
import { type Era, type HostName, type Lab, LabLost, type Side } from "../../../contract/lab.ts";
import { rolesOf } from "../../../contract/roles.ts";
import type { RunningSubject, Subject } from "../../../contract/subject.ts";
import { isLinkLocal } from "../../../net/wire/address.ts";
import { LiveRecording, noRecording } from "../../../net/wire/recording.ts";
import type { Family } from "../../../pf/packet.ts";
import type { CommandResult } from "../../../pf/pfctl.ts";
import { devices, HOSTS, RECORDED_INTERFACES } from "../layout.ts";
import { closeNamespaces, runFolder } from "../namespace-pool.ts";
import { openPlay } from "../play.ts";
import { killAllIn, processesIn } from "../processes.ts";
import { openControlSocket, type Question } from "./control-socket.ts";
import { type FileServer, startFileServer } from "./file-server.ts";
import { agentPid, furnish } from "./host-surroundings.ts";
import { LogLines } from "./log-lines.ts";
import { controlSocket, type RunningHost, type RunningLab, writeDescription } from "./running-lab.ts";
import { Sessions } from "./sessions.ts";
import { snapshot } from "./snapshot.ts";

export interface LabOptions {
  readonly name: string;
  readonly side: Side;
  readonly era: Era;
  readonly subject: Subject;
  /** Options of ftp-proxy(8). */
  readonly proxyArgs: readonly string[];
  /** See file-server.ts. */
  readonly server: string;
  /** The firewall's pf.conf: a file that people go on editing, or a text. Unused where the subject is the firewall's kernel. */
  readonly pfConf: { readonly file: string } | { readonly text: string };
  /** A file of packets (pcapng), written as they come. */
  readonly capture?: string;
}

export interface StartedLab {
  readonly description: RunningLab;
  /** Everything goes, people's shells on the hosts included. */
  down(): Promise<void>;
}

const FAMILIES: readonly Family[] = ["inet", "inet6"];
const PF_CONF = "/etc/pf.conf";
/** What pfctl is told where the firewall's kernel forwards by nft(8) rules. */
const PF_IS_OUT: CommandResult = {
  status: 1,
  stdout: "",
  stderr:
    "pfctl: PF is out of the way here: Linux forwards by its own rules (nft list ruleset, conntrack -L, conntrack -L expect on the firewall)\n",
};
/** Whoever does not end by then is ended. */
const STOP_PATIENCE_MS = 5_000;
/** For a shell that is hung up. */
const HANG_UP_MS = 1_000;
const LOOK_MS = 20;

/** Throws NameTaken, PfConfError, SetUpError. What it has made by then goes with the process, or by closeNamespaces. */
export async function startLab(options: LabOptions): Promise<StartedLab> {
  const { name, side, era, subject } = options;
  const folder = await runFolder();
  folder.claim(name);
  const kernelRules = subject.kernelRules?.(side);
  const rules = writeRules(folder.path, kernelRules, options.pfConf);
  /** Where the pfctl that is being answered was started; absent: a program that may read /etc/pf.conf alone. */
  let directory: string | undefined;
  const readFile = (path: string): string | undefined => {
    if (kernelRules !== undefined) return "";
    const named = path === PF_CONF ? rules.pfConf : directory === undefined ? undefined : resolve(directory, path);
    try {
      return named === undefined ? undefined : readFileSync(named, "latin1");
    } catch {
      return undefined;
    }
  };
  const captured = options.capture === undefined ? undefined : openSync(options.capture, "w");
  const recorder =
    captured === undefined
      ? noRecording
      : new LiveRecording({
          interfaces: RECORDED_INTERFACES,
          write: (bytes) => writeSync(captured, bytes),
          clock: realClock,
        });
  const setup = {
    seed: randomInt(2 ** 32),
    side,
    family: "inet",
    era,
    pfConf: "",
    ...(kernelRules === undefined ? {} : { kernelRules }),
  } as const;
  const lab = await openPlay(setup, { recorder, readFile });
  const sessions = new Sessions(side === "forward" ? "inside" : "outside");
  const log = new LogLines();
  lab.observe((event) => {
    sessions.add(event);
    if (event.kind === "log") log.add(event);
    if (event.kind === "expectation") log.add({ atMs: event.atMs, level: 6, text: `expected: ${event.text}` });
  });
  const hosts = await describeHosts(lab, side, folder.namespaces);
  await furnish(folder.path, lab.hosts, hosts);
  // What needs no proxy is one thing for both families.
  const families = subject.terminates ? FAMILIES : FAMILIES.slice(0, 1);
  const running = await Promise.all(
    families.map((family) => subject.start(lab, { side, family, era, args: options.proxyArgs })),
  );
  const server = await startFileServer(options.server, lab.hosts.server, folder.path);
  const answer = async (question: Question, say: (line: unknown) => void, signal: AbortSignal) => {
    if (question.ask === "pfctl" && kernelRules !== undefined) say(PF_IS_OUT);
    else if (question.ask === "pfctl") {
      // The model answers before anybody else has a turn.
      directory = question.directory;
      const answered = lab.firewall.pfctl(question.args, question.stdin);
      directory = undefined;
      say(await answered);
    } else if (question.ask === "snapshot") {
      const inCharge = kernelRules === undefined ? "PF" : "the kernel";
      say(await snapshot(lab, { inCharge, era }, { sessions, log, atMs: Date.now() }));
    } else {
      for (const line of log.last()) say(line);
      if (question.follow) await log.follow(say, signal);
    }
  };
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
      // A host that is lost is put away with the rest.
      await lab.close().catch((error) => (error instanceof LabLost ? undefined : Promise.reject(error)));
      if (recorder instanceof LiveRecording) recorder.flush();
      if (captured !== undefined) closeSync(captured);
      await closeNamespaces();
    },
  };
}

/** What is in force on the firewall, as a file of the lab's or of a person's. */
function writeRules(
  folder: string,
  kernelRules: string | undefined,
  pfConf: LabOptions["pfConf"],
): Pick<RunningLab, "pfConf" | "kernelRules"> {
  if (kernelRules === undefined && "file" in pfConf) return { pfConf: pfConf.file };
  const file = join(folder, kernelRules === undefined ? "pf.conf" : "firewall.nft");
  // `nft -f` adds to what there is.
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
      // Whom one calls by name is called by an address that says enough.
      const addresses = all.filter((address) => !isLinkLocal(address));
      const namespace = namespaces.find((name) => name.endsWith(`-${host}`)) ?? "";
      return [host, { namespace, pid: await agentPid(lab.hosts[host]), addresses }];
    }),
  );
  return Object.fromEntries(entries) as Record<HostName, RunningHost>;
}

async function stopAll(running: readonly RunningSubject[], server: FileServer): Promise<void> {
  const stopping = [...running, server].map((one) =>
    Promise.race([one.stop(), waited(STOP_PATIENCE_MS)]).catch(() => {}),
  );
  await Promise.all(stopping);
}

/** As a machine that goes down does with those who are logged in. */
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
