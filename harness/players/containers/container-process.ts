/**
 * A container as a process: its output from the first byte, its exit status, its end by a signal. Docker removes it as
 * soon as it ends, whoever ends it, so a killed run leaves none.
 *
 * @example
 * const { process } = await startContainer(() => new GenericContainer("fauria/vsftpd"), { NetworkMode: "container:…" });
 * await process.exited;
 */

import type { GenericContainer, StartedTestContainer } from "testcontainers";
import type { Process } from "../../../proxy/host.ts";
import { containerRuntime } from "./runtime.ts";

/** What Docker is told beyond the setters of testcontainers. */
export interface ContainerConfig {
  readonly NetworkMode: string;
  readonly PidMode?: string;
  readonly VolumesFrom?: readonly string[];
  /** A folder that others can have by VolumesFrom. */
  readonly volume?: string;
}

/** Parts of a GenericContainer that its subclasses may change. */
interface Insides {
  hostConfig: object;
  createOpts: object;
  exposedPorts: unknown[];
  networkAliases: string[];
  reuse: boolean;
  containerCreated?: (id: string) => Promise<void>;
}

export interface RunningContainer {
  readonly id: string;
  readonly process: Process;
  /** Absent: it has ended already. */
  readonly started?: StartedTestContainer;
  /** Ends it, and settles when it is removed. */
  remove(): Promise<void>;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * One starts after the other: a caller may have given one GenericContainer for several plays at once, and Docker is no
 * faster with many. Rejects when the container cannot be made or its program not be started.
 */
export function startContainer(
  container: () => GenericContainer | Promise<GenericContainer>,
  config: ContainerConfig,
): Promise<RunningContainer> {
  const start = last.then(async () => startAlone(await container(), config));
  last = start.catch(() => {});
  return start;
}

async function startAlone(container: GenericContainer, config: ContainerConfig): Promise<RunningContainer> {
  const { client } = await containerRuntime();
  const output = new Output();
  let id: string | undefined;
  let ended: Promise<number> | undefined;
  const insides = container as unknown as Insides;
  const { containerCreated } = insides;
  const { NetworkMode, volume, ...others } = config;
  // Its ports are the host's own: Docker refuses to map them.
  Object.assign(insides, { exposedPorts: [], networkAliases: [], reuse: false });
  Object.assign(insides.hostConfig, { AutoRemove: true, PortBindings: {}, ...others });
  Object.assign(insides.createOpts, { ExposedPorts: {}, ...(volume !== undefined && { Volumes: { [volume]: {} } }) });
  insides.containerCreated = async (created) => {
    id = created;
    const one = client.container.getById(created);
    const stream = await client.container.attach(one);
    const told = new Promise<void>((resolve) => void stream.once("end", resolve).once("close", resolve));
    stream.on("data", (bytes: Uint8Array | string) => output.add(Buffer.from(bytes)));
    ended = one.wait({ condition: "removed" }).then(async ({ StatusCode }: { StatusCode: number }) => {
      await told;
      return StatusCode;
    });
    await containerCreated?.call(container, created);
  };
  let started: StartedTestContainer | undefined;
  try {
    // Ryuk is not needed: a container of a play ends with its network's holder.
    const labels = { "anchorage.run": `${process.pid}` };
    started = await container.withNetworkMode(NetworkMode).withAutoCleanup(false).withLabels(labels).start();
  } catch (error) {
    // One that has ended already cannot be inspected, which is no failure.
    if (
      id === undefined ||
      !(error instanceof Error && /no such container|is not running|removal/i.test(error.message))
    )
      throw error;
  } finally {
    if (containerCreated === undefined) delete insides.containerCreated;
    else insides.containerCreated = containerCreated;
  }
  if (id === undefined || ended === undefined)
    throw new Error("testcontainers did not say that it has made the container");
  const one = client.container.getById(id);
  const exited = ended;
  const kill = (signal = "SIGTERM") => void one.kill({ signal }).catch(() => {});
  return {
    id,
    ...(started !== undefined && { started }),
    process: {
      pid: 0,
      stdin: { write() {}, end() {} },
      onOutput: (handler) => output.on((bytes) => handler("stdout", bytes)),
      exited,
      kill,
    },
    async remove() {
      kill("SIGKILL");
      await exited;
    },
  };
}

/** Keeps what came before somebody listened. */
class Output {
  readonly #before: Uint8Array[] = [];
  #handler: ((bytes: Uint8Array) => void) | undefined;

  add(bytes: Uint8Array): void {
    if (this.#handler === undefined) this.#before.push(bytes);
    else this.#handler(bytes);
  }

  on(handler: (bytes: Uint8Array) => void): void {
    this.#handler = handler;
    for (const bytes of this.#before.splice(0)) handler(bytes);
  }
}
