/** `anchorage dial QUIRK HOST[:PORT]`: plays a quirky client against a server of the user's, and says what came of it. */

import { lookup } from "node:dns/promises";
import { Command, Option } from "commander";
import { NodeHost } from "../../proxy/node/node-host.ts";
import type { Errand } from "../../reports/model.ts";
import type { Wish } from "../contract/errands.ts";
import type { Mode } from "../contract/scenario.ts";
import { ClientSession } from "../players/ftp/client-session.ts";
import { describeErrand } from "../players/ftp/players.ts";
import { readQuirks } from "../run/quirks.ts";
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
      const [found] = await readQuirks("client", [name]);
      const { quirk } = found!;
      const { host, port } = parseServer(server);
      const { address, family } = await lookup(host).catch(() => {
        throw new UsageError(`there is no address of "${host}"`);
      });
      const dialogue: string[] = [];
      const client = new ClientSession(new NodeHost({ log: () => {} }), {
        server: { address, port },
        family: family === 6 ? "inet6" : "inet",
        behaviour: quirk.behaviour,
        waits: { connectMs: options.timeout * 1000, replyMs: options.timeout * 1000 },
        user: options.user,
        password: options.password,
        onLine: (line) => {
          dialogue.push(line);
          if (options.json !== true) console.log(line);
        },
      });
      await client.runs(wishesOf(options, quirk.modes));
      const done = client.errands.every(({ verdict }) => verdict === "done" || verdict === "detour");
      report(name, client.errands, dialogue, options);
      finish(done ? EXIT.fine : EXIT.failed);
    });

function wishesOf({ fetch, store, mode }: DialOptions, modes: readonly Mode[]): Wish[] {
  const how = mode ?? modes[0] ?? "passive";
  const wishes: Wish[] = [
    ...(fetch === undefined ? [] : [{ what: "fetch" as const, mode: how, name: fetch, unknown: true }]),
    ...(store === undefined ? [] : [{ what: "store" as const, mode: how, name: store }]),
  ];
  return wishes.length === 0 ? [{ what: "list", mode: how }] : wishes;
}

function report(quirk: string, errands: readonly Errand[], dialogue: readonly string[], { json }: DialOptions): void {
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
