/**
 * Docker or Podman, by testcontainers: both are optional, so they are looked for when the first image is to play.
 *
 * @example
 * const { library, client } = await containerRuntime(); // or PlayerMissing, with what to install
 * await imagePresent("fauria/vsftpd");
 */

import type { ContainerRuntimeClient } from "testcontainers";
import { PlayerMissing } from "../../contract/scenario.ts";

export interface Runtime {
  readonly library: typeof import("testcontainers");
  readonly client: ContainerRuntimeClient;
}

/** testcontainers 12 needs Node 22. */
const PACKAGE = Number(process.versions.node.split(".")[0]) < 22 ? "testcontainers@11" : "testcontainers";

let runtime: Promise<Runtime> | undefined;
const images = new Map<string, Promise<void>>();

/** Rejects with PlayerMissing. */
export function containerRuntime(): Promise<Runtime> {
  runtime ??= findRuntime();
  return runtime;
}

/** Pulls an image that is not there, once. Rejects with PlayerMissing. */
export function imagePresent(reference: string): Promise<void> {
  const known = images.get(reference) ?? pull(reference);
  images.set(reference, known);
  return known;
}

async function findRuntime(): Promise<Runtime> {
  const library = await import("testcontainers").catch(() => {
    throw new PlayerMissing(`images need the optional package testcontainers: npm install --save-dev ${PACKAGE}`);
  });
  const client = await library.getContainerRuntimeClient().catch(() => {
    const where = process.env.DOCKER_HOST;
    const found = where === undefined ? "none answers at its usual socket" : `none answers at ${where} (DOCKER_HOST)`;
    throw new PlayerMissing(`images need Docker or Podman, and ${found}: apt-get install docker.io`);
  });
  return { library, client };
}

async function pull(reference: string): Promise<void> {
  const { library, client } = await containerRuntime();
  await client.image.pull(library.ImageName.fromString(reference)).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new PlayerMissing(`there is no image ${reference} here, and it cannot be pulled: ${why}`);
  });
}
