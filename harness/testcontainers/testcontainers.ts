/**
 * FTP servers and clients in containers, by testcontainers: through a firewall in the lab `netns`, or without any lab for
 * authors of clients.
 *
 * @example
 * import { containerServer, FtpServerContainer } from "anchorage/testcontainers";
 *
 * await matrix({ clients: "curl", servers: containerServer(new GenericContainer("me/ftpd").withEnvironment({ … })) });
 * await using server = await new FtpServerContainer("stilliard/pure-ftpd").start();
 */

import type { GenericContainer } from "testcontainers";
import type { ErrandsPart } from "../contract/errands.ts";
import { clientIn } from "../players/containers/container-client.ts";
import { serverIn } from "../players/containers/container-server.ts";
import { imageName } from "../players/containers/image-text.ts";
import { containerRuntime } from "../players/containers/runtime.ts";
import { type GivenPlayer, IMAGE } from "../players/pairing/names.ts";
import { CLIENT_WORDS, fillIn, parseCommandLine, quoted, wordsIn } from "../players/programs/command-line.ts";

export type { ImageSetup, Ports, ServerWanted } from "../players/containers/known-images.ts";
export { FtpServerContainer, StartedFtpServerContainer } from "./ftp-server-container.ts";

export interface ContainerName {
  /** As the results name it. Default: after the image. */
  readonly name?: string;
  readonly version?: string;
}

/**
 * A server for `play`, `matrix` and `firewall`. It listens on port 21 and has the account anchorage, with the password
 * anchorage. In the lab it needs no exposed ports.
 */
export function containerServer(container: GenericContainer, options: ContainerName = {}): GivenPlayer {
  const { name, typed } = described(container, options);
  const player = serverIn({
    ...{ name, command: typed, ...(options.version !== undefined && { version: options.version }) },
    prepare: isThere,
    container: () => container,
  });
  return { name, typed: quoted(typed), player };
}

/** A client: `command` is for the image, with words in braces as in `--client`: `-sS -o {download} {url}/{file}`. */
export function containerClient(
  container: GenericContainer,
  command: readonly string[],
  options: ContainerName = {},
): GivenPlayer<ErrandsPart> {
  const line = command.map(quoted).join(" ");
  const { name, typed } = described(container, options, line);
  const program = parseCommandLine("client", typed, CLIENT_WORDS);
  const words = wordsIn(line);
  const player = clientIn(
    { ...program, name, ...(options.version !== undefined && { version: options.version }) },
    {
      prepare: isThere,
      container: (values) => container.withCommand(command.map((word) => fillIn(word, values))),
    },
  );
  const errands = (["fetch", "store"] as const).filter((what) => words.has(what === "fetch" ? "download" : "upload"));
  return { name, typed: quoted(typed), player, errands };
}

const isThere = async (): Promise<void> => void (await containerRuntime());

/** The container in the words of `--client` and `--server`. */
function described(container: GenericContainer, { name }: ContainerName, line?: string) {
  const { createOpts } = container as unknown as {
    readonly createOpts: { readonly Image: string; readonly Env?: readonly string[]; readonly Cmd?: readonly string[] };
  };
  const { Image, Env = [], Cmd = [] } = createOpts;
  const command = line ?? Cmd.map(quoted).join(" ");
  const own = name ?? imageName(Image);
  const options = Env.map((one) => `-e ${quoted(one)}`);
  return { name: own, typed: [`${own}:`, `${IMAGE}${Image}`, ...options, command].join(" ").trim() };
}
