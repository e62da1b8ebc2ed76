/**
 * A server in a container, on the network of its host. It is started for each play. Its file is stored by FTP, from its
 * own host, so nobody needs to know its folders; the same way it shows what it holds afterwards.
 *
 * @example
 * scenario({ server: imageServer(parseCommandLine("server", "image:fauria/vsftpd", SERVER_WORDS)), … })
 */

import type { GenericContainer } from "testcontainers";
import type { LabHost } from "../../contract/lab.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import { type Player, PlayerMissing } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { FETCHED, FILE, STORED } from "../files.ts";
import { ClientSession } from "../ftp/client-session.ts";
import { pause } from "../ftp/writing.ts";
import { PASSWORD, USER } from "../programs/account.ts";
import type { OwnProgram } from "../programs/command-line.ts";
import { started } from "../programs/program-server.ts";
import { type RunningContainer, startContainer } from "./container-process.ts";
import { filledIn, type ImageText, parseImage } from "./image-text.ts";
import { knownImage, type ServerWanted } from "./known-images.ts";
import { holdNetwork } from "./network-holder.ts";
import { containerRuntime, imagePresent } from "./runtime.ts";

/** An image prepares much as it starts: accounts, certificates. */
const START_PATIENCE_MS = 30_000;
/** The plain client that lays the file, on the server's own host. */
const PATIENCE = { connectMs: 5_000, replyMs: 10_000 };
const STORE_PATIENCE_MS = 3_000;
const PAUSE_MS = 100;

/** Servers that have no range of their own. */
const PASSIVE_PORTS = { first: 50_000, last: 50_999 };

export interface ContainerChoice {
  readonly name: string;
  readonly version?: string;
  /** As typed. */
  readonly command?: string;
  /** Rejects with PlayerMissing. */
  readonly prepare: () => Promise<void>;
  /** The container for a play. */
  readonly container: (wanted: ServerWanted) => GenericContainer | Promise<GenericContainer>;
}

/** What `--server 'image:…'` means. */
export function imageServer({ name, version, command }: OwnProgram): Player<ContainerServer> {
  const image = parseImage(command);
  const { reference } = image;
  return serverIn({
    ...{ name, command, ...(version !== undefined && { version }) },
    async prepare() {
      const { unfit } = knownImage(reference) ?? {};
      if (unfit !== undefined) throw new PlayerMissing(`${reference}: ${unfit}`);
      await imagePresent(reference);
    },
    container: (wanted) => imageContainer(image, wanted),
  });
}

/** A known image gets what makes it behave; the user's own variables and command come on top. */
async function imageContainer(image: ImageText, wanted: ServerWanted): Promise<GenericContainer> {
  const { library } = await containerRuntime();
  const { user, password, address } = wanted;
  const values = { user, password, host: address, port: `${CONTROL_PORT}`, dir: "." };
  const { reference, environment, capabilities, command } = filledIn(image, values);
  const known = knownImage(reference);
  const container = new library.GenericContainer(reference);
  if (command.length > 0) container.withCommand([...command]);
  else if (known?.script !== undefined)
    container.withEntrypoint(["/bin/sh", "-c"]).withCommand([known.script(wanted).join("\n")]);
  container.withAddedCapabilities(...(known?.capabilities ?? []), ...capabilities);
  return container.withEnvironment({ ...known?.environment?.(wanted), ...environment });
}

export const serverIn = (choice: ContainerChoice): Player<ContainerServer> => ({
  name: choice.name,
  ...(choice.version !== undefined && { version: choice.version }),
  ...(choice.command !== undefined && { command: choice.command }),
  needs: ["containers"],
  prepare: choice.prepare,
  async take(host, script) {
    const wanted = { user: USER, password: PASSWORD, address: host.address("inet"), ports: PASSIVE_PORTS };
    const holder = await holdNetwork(host);
    let running: RunningContainer | undefined;
    try {
      running = await startContainer(() => choice.container(wanted), { NetworkMode: holder.networkMode });
      const { process } = running;
      const address = host.address(script.family);
      const { output } = await script.step("server", `starts ${choice.name}`, () =>
        started(host, process, { address, name: choice.name, patienceMs: START_PATIENCE_MS }),
      );
      const part = new ContainerServer(host, script);
      await part.getsFile(choice.name);
      return { part, output, stop: running.remove };
    } catch (error) {
      await running?.remove();
      throw error;
    }
  },
});

/** Serves one host, from which it is also asked for its files. */
export class ContainerServer {
  readonly #host: LabHost;
  readonly #script: Script;

  constructor(host: LabHost, script: Script) {
    this.#host = host;
    this.#script = script;
  }

  /** Rejects when the account cannot store it. */
  async getsFile(name: string): Promise<void> {
    const why = await this.#asked("store", FETCHED);
    if (why === undefined) return;
    const account = `-e NAME={user} -e NAME={password}`;
    throw new Error(
      `${name}: the account ${USER} cannot store ${FETCHED} there (${why}); ${account} tell the image of it`,
    );
  }

  /** The client's upload is there, whole. Waits, since a server may still be writing when the client has gone. */
  holdsStored(): Promise<void> {
    const { clock } = this.#host;
    return this.#script.step("server", `holds ${STORED}`, async () => {
      const end = clock.now() + STORE_PATIENCE_MS;
      for (;;) {
        const why = await this.#asked("fetch", STORED);
        if (why === undefined) return;
        if (clock.now() > end) throw new Deviation("other-bytes", `${STORED} with ${FILE.length} bytes`, why);
        await pause(clock, PAUSE_MS);
      }
    });
  }

  /** One session from its own host, which crosses no wire. Resolves to why it failed. */
  async #asked(what: "fetch" | "store", name: string): Promise<string | undefined> {
    const { family } = this.#script;
    const session = new ClientSession(this.#host, {
      ...{
        server: { address: this.#host.address(family), port: CONTROL_PORT },
        family,
        behaviour: {},
        waits: PATIENCE,
      },
      ...{ user: USER, password: PASSWORD },
    });
    await session.runs([{ what, mode: "passive", name }]);
    const failed = session.errands.find(({ verdict }) => verdict !== "done" && verdict !== "detour");
    return failed && `${failed.what}: ${failed.notice ?? failed.verdict}`;
  }
}
