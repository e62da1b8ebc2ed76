/** `anchorage serve QUIRK…`: quirky servers on sockets of this machine, for authors of clients. */

import { createHash } from "node:crypto";
import { Command } from "commander";
import { ConnectionError } from "../../proxy/host.ts";
import { ftpServer, type LoopbackServer } from "../loopback/server.ts";
import { CONTENTS, FETCHED, STORED } from "../players/files.ts";
import type { ServerQuirk } from "../players/ftp/quirk.ts";
import { type NamedQuirk, readQuirks } from "../run/quirks.ts";
import { UsageError } from "./exit-status.ts";
import { wholeNumber } from "./options.ts";

interface ServeOptions {
  readonly port?: number;
  readonly address: string;
  readonly json?: boolean;
}

export const serveCommand = (): Command =>
  new Command("serve")
    .description("put quirky servers on this machine, to try a client against them; Ctrl-C ends it")
    .argument("<quirk...>", "names of quirky servers, as `anchorage list --quirks` prints them; `*` matches anything")
    .option(
      "--port <number>",
      "port of the first one, the next ones follow (default: any free)",
      wholeNumber("A port", 1, 65_535),
    )
    .option("--address <address>", "address of this machine to listen on; ::1 for IPv6", "127.0.0.1")
    .option("--json", "one line of JSON for each server")
    .addHelpText(
      "after",
      `\nEach has ${FETCHED} (${CONTENTS.length} bytes) to fetch, and takes any user, password and upload.`,
    )
    .action(async (names: string[], options: ServeOptions) => {
      const stopped = interrupted();
      const quirks = await readQuirks("server", names);
      const servers: LoopbackServer[] = [];
      try {
        for (const [index, quirk] of quirks.entries()) {
          const port = options.port === undefined ? 0 : options.port + index;
          servers.push(await started(quirk, port, options));
        }
        await stopped;
      } finally {
        await Promise.all(servers.map((server) => server.close()));
      }
    });

async function started(
  { name, quirk }: NamedQuirk<ServerQuirk>,
  port: number,
  { address, json }: ServeOptions,
): Promise<LoopbackServer> {
  try {
    const server = await ftpServer(quirk, { host: address, port });
    console.log(json === true ? asJson(name, server) : asText(name, server));
    return server;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    throw new UsageError(
      `cannot listen on ${address} port ${port}: ${error.message}; choose another --port or --address`,
    );
  }
}

const asText = (name: string, { url, title }: LoopbackServer): string =>
  `${url}  ${name}: ${title[0]?.toLowerCase()}${title.slice(1)}`;

function asJson(quirk: string, { host, port, url, title, file: { name, bytes } }: LoopbackServer): string {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = { name, bytes: bytes.length, sha256 };
  return JSON.stringify({ quirk, host, port, url, title, file, stored: STORED });
}

/** Settles at the first SIGINT or SIGTERM. */
const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
