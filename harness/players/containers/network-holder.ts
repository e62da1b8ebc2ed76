/**
 * How a container joins the network namespace of a lab's host. Docker knows only namespaces of its containers, so a
 * small one, the holder, enters the host's namespace, and others join the holder's network (`container:ID`).
 *
 * The holder needs no image of anybody's: it is an empty one, with the machine's own programs mounted. It stays for all
 * plays of its host. It also watches the run: when that is gone, even by SIGKILL, it kills all processes in the namespace
 * and ends, and Docker removes their containers.
 *
 * @example
 * const holder = await holdNetwork(host);
 * await startContainer(() => container, { NetworkMode: holder.networkMode });
 */

import { readlinkSync } from "node:fs";
import { Readable } from "node:stream";
import type { StartedTestContainer } from "testcontainers";
import type { Clock } from "../../../proxy/host.ts";
import type { LabHost } from "../../contract/lab.ts";
import { PlayerMissing } from "../../contract/scenario.ts";
import { pause } from "../ftp/writing.ts";
import { type RunningContainer, startContainer } from "./container-process.ts";
import { containerRuntime } from "./runtime.ts";

export interface NetworkHolder {
  readonly id: string;
  /** For containers that join. */
  readonly networkMode: string;
  /** Files in SHARED, for containers that have the holder's volumes. */
  readonly files: StartedTestContainer;
  readonly ended: boolean;
}

/** A folder of the holder that other containers may share. */
export const SHARED = "/anchorage";
/** Podman 4 gives it no other tag than "latest". */
const IMAGE = "anchorage-network-holder";
/** An archive without files: tar(5), two blocks of zeros. */
const EMPTY_ARCHIVE = Buffer.alloc(1024);
const FOLDERS = ["/bin", "/lib", "/lib64", "/usr"];
const ENTER_LIMIT_MS = 5_000;
const STEP_MS = 10;

/**
 * $1: a process on the host, $2: the run's. It becomes one process without children, which the lab keeps.
 * Field 22 of /proc/PID/stat is the start of a process (proc(5)), which a later one with its number does not share.
 */
const ENTER = `
chmod 777 ${SHARED}
exec nsenter "--net=/proc/$1/ns/net" -- perl -e '
  sub start {
    open(my $file, "<", "/proc/$ARGV[0]/stat") or return "";
    my @fields = split / /, (split /\\) /, <$file>)[-1];
    return $fields[0] =~ /[ZX]/ ? "" : $fields[19];
  }
  my $start = start();
  sleep 1 while $start ne "" && start() eq $start;
  my $own = readlink "/proc/$$/ns/net";
  for my $pid (map { m{(\\d+)$} } glob "/proc/[0-9]*") {
    kill 9, $pid if $pid != $$ && (readlink("/proc/$pid/ns/net") // "") eq $own;
  }
' "$2"
`;

let imported: Promise<void> | undefined;

/** A host serves many plays. */
const holders = new WeakMap<LabHost, Promise<NetworkHolder>>();

/** Rejects with PlayerMissing where containers cannot join the host. */
export async function holdNetwork(host: LabHost): Promise<NetworkHolder> {
  const known = await holders.get(host)?.catch(() => undefined);
  if (known?.ended === false) return known;
  const holder = startHolder(host);
  holders.set(host, holder);
  return holder;
}

async function startHolder(host: LabHost): Promise<NetworkHolder> {
  const { library } = await containerRuntime();
  imported ??= importImage();
  await imported;
  const { pid } = host;
  if (pid === undefined) throw new PlayerMissing(`containers cannot join ${host.name}: it is not on this machine`);
  const container = new library.GenericContainer(IMAGE)
    .withBindMounts(FOLDERS.map((folder) => ({ source: folder, target: folder, mode: "ro" })))
    .withAddedCapabilities("SYS_ADMIN", "SYS_PTRACE")
    .withSecurityOpt("apparmor=unconfined", "seccomp=unconfined")
    .withCommand(["/bin/sh", "-c", ENTER, "sh", `${pid}`, `${process.pid}`]);
  let running: RunningContainer;
  try {
    running = await startContainer(() => container, { NetworkMode: "none", PidMode: "host", volume: SHARED });
    host.keeps?.(await entered(running, pid, host.clock));
  } catch (error) {
    if (error instanceof PlayerMissing) throw error;
    throw new PlayerMissing(`containers cannot join ${host.name}: ${error instanceof Error ? error.message : error}`);
  }
  const { id, started } = running;
  let ended = false;
  void running.process.exited.then(() => {
    ended = true;
  });
  return {
    id,
    networkMode: `container:${id}`,
    files: started as StartedTestContainer,
    get ended() {
      return ended;
    },
  };
}

async function importImage(): Promise<void> {
  const { library, client } = await containerRuntime();
  if (await client.image.exists(library.ImageName.fromString(IMAGE))) return;
  const stream = await client.container.dockerode.importImage(Readable.from([EMPTY_ARCHIVE]), { repo: IMAGE });
  for await (const _ of stream) {
    // Its end is the import's.
  }
}

/** Waits until the holder is in the namespace of that process. Resolves to its own. Removes one that does not get there. */
async function entered({ id, process: holder, remove }: RunningContainer, pid: number, clock: Clock): Promise<number> {
  const { client } = await containerRuntime();
  let said = "";
  holder.onOutput((_, bytes) => {
    said += Buffer.from(bytes).toString();
  });
  const end = clock.now() + ENTER_LIMIT_MS;
  while (clock.now() < end) {
    const state = await client.container
      .getById(id)
      .inspect()
      .then(
        ({ State }) => State,
        () => undefined,
      );
    if (state?.Running !== true) break;
    if (namespaceOf(state.Pid) === namespaceOf(pid)) return state.Pid;
    await pause(clock, STEP_MS);
  }
  await remove();
  const elsewhere = "Docker runs them elsewhere than on this machine, or without its privileges";
  throw new PlayerMissing(`containers cannot join the lab's hosts: ${said.trim() || elsewhere}`);
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
