/**
 * A client in a container, on the network of its host: one run of the image's command is one session. Its files are in a
 * volume of the network's holder.
 *
 * @example
 * imageClient(parseCommandLine("client", "image:curlimages/curl -o {download} {url}/{file}", CLIENT_WORDS))
 */

import type { GenericContainer, StartedTestContainer } from "testcontainers";
import type { Player } from "../../contract/scenario.ts";
import { FETCHED, STORED } from "../files.ts";
import type { OwnProgram } from "../programs/command-line.ts";
import { type CommandPlace, OwnClient } from "../programs/own-player.ts";
import { runProgram } from "../programs/program.ts";
import { startContainer } from "./container-process.ts";
import { filledIn, parseImage } from "./image-text.ts";
import { holdNetwork, type NetworkHolder, SHARED } from "./network-holder.ts";
import { containerRuntime, imagePresent } from "./runtime.ts";

/** What `--client 'image:REF CMD…'` means. */
export function imageClient(program: OwnProgram): Player<OwnClient> {
  const image = parseImage(program.command);
  return clientIn(program, {
    prepare: () => imagePresent(image.reference),
    async container(values) {
      const { library } = await containerRuntime();
      const { reference, environment, capabilities, command } = filledIn(image, values);
      const container = new library.GenericContainer(reference).withEnvironment({ ...environment });
      if (command.length > 0) container.withCommand([...command]);
      return container.withAddedCapabilities(...capabilities);
    },
  });
}

export interface ClientContainer {
  /** Rejects with PlayerMissing. */
  readonly prepare: () => Promise<void>;
  /** For one session, with the values of the words in braces. */
  readonly container: (values: Readonly<Record<string, string>>) => GenericContainer | Promise<GenericContainer>;
}

/** `program`: its command has the words in braces that say which errands it does. */
export const clientIn = (program: OwnProgram, { prepare, container }: ClientContainer): Player<OwnClient> => ({
  name: program.name,
  ...(program.version !== undefined && { version: program.version }),
  command: program.command,
  needs: ["containers"],
  prepare,
  async take(host, script) {
    const holder = await holdNetwork(host);
    const config = { NetworkMode: holder.networkMode, VolumesFrom: [holder.id] };
    const part = new OwnClient(script, program, {
      ...sharedFiles(holder),
      run(values, limitMs) {
        const spawn = async () => (await startContainer(() => container(values), config)).process;
        return runProgram({ clock: host.clock, spawn }, { command: program.name, args: [] }, limitMs);
      },
    });
    return { part, output: () => part.output, errands: () => part.log.errands, stop: async () => {} };
  },
});

let plays = 0;

/** The holder has the files of earlier plays, too. */
function sharedFiles({ files }: NetworkHolder): Pick<CommandPlace, "files" | "download" | "upload"> {
  plays += 1;
  return {
    download: `${SHARED}/${plays}-${FETCHED}`,
    upload: `${SHARED}/${plays}-${STORED}`,
    files: {
      async write(target, bytes) {
        await files.copyContentToContainer([{ content: Buffer.from(bytes), target, mode: 0o644 }]);
      },
      read: (path) => fileIn(files, path),
    },
  };
}

/** tar(5): a header of one block, with the size in octal digits, and the contents. */
async function fileIn(container: StartedTestContainer, path: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of await container.copyArchiveFromContainer(path)) chunks.push(Buffer.from(chunk));
  const archive = Buffer.concat(chunks);
  const size = Number.parseInt(archive.toString("latin1", 124, 136), 8);
  return new Uint8Array(archive.subarray(512, 512 + size));
}
