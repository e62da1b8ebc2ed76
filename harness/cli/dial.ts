/** `anchorage dial QUIRK HOST[:PORT]`: plays a quirky client against a server of the user's, and says what came of it. */

import { Command, Option } from "commander";
import type { Mode } from "../contract/scenario.ts";
import { type Dialled, ftpClient, NoSuchHost } from "../loopback/client.ts";
import { describeErrand } from "../players/ftp/players.ts";
import { EXIT, type Finish, UsageError } from "./exit-status.ts";
import { wholeNumber } from "./options.ts";

interface DialOptions {
  readonly user: string;
  readonly password: string;
  readonly mode?: Mode;
  readonly fetch?: string;
  readonly store?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

const CONTROL_PORT = 21;

export const dialCommand = (finish: Finish): Command =>
  new Command("dial")
    .description("play a quirky client against a server of yours, and say what came of it")
    .argument("<quirk>", "name of a quirky client, as `anchorage list --quirks` prints it")
    .argument("<server>", "HOST, HOST:PORT or [IPv6]:PORT")
    .option("--user <name>", "user to log in as", "anonymous")
    .option("--password <text>", "its password", "guest@example.org")
    .addOption(
      new Option("--mode <mode>", "how it asks for data connections (default: as the quirk does)").choices([
        "active",
        "passive",
      ]),
    )
    .option("--fetch <file>", "fetch this file")
    .option("--store <file>", "store a file of 46,890 bytes under this name")
    .option("--timeout <seconds>", "how long it waits for the server", wholeNumber("A timeout", 1, 86_400), 30)
    .option("--json", "as JSON")
    .addHelpText("after", "\nWithout --fetch and --store it lists the folder. Status 0: every errand was done.")
    .action(async (name: string, server: string, options: DialOptions) => {
      const { timeout, json, ...given } = options;
      const dialled = await ftpClient(name)
        .dials({
          ...{ ...given, ...parseServer(server), timeoutMs: timeout * 1000 },
          ...(json !== true && { onLine: (line: string) => console.log(line) }),
        })
        .catch((error: unknown) => {
          throw error instanceof NoSuchHost ? new UsageError(error.message) : error;
        });
      report(name, dialled, options);
      finish(dialled.works ? EXIT.fine : EXIT.failed);
    });

function report(quirk: string, { errands, dialogue }: Dialled, { json }: DialOptions): void {
  if (json === true) console.log(JSON.stringify({ quirk, errands, dialogue }, null, 2));
  else for (const errand of errands) console.log(describeErrand(errand));
}

function parseServer(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+|[\da-f:]+:[\da-f:]+))(?::(\d+))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? CONTROL_PORT : Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    throw new UsageError(`"${text}" is not a server: write HOST, HOST:PORT or [IPv6]:PORT`);
  }
  return { host, port: number };
}
