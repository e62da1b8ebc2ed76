/**
 * `npm run clients [-- --client curl --quirk 'pasv-*' --shipped]`: real clients before the quirky servers, compared with
 * what they did before the servers of docs/reference/clients.jsonl. Prints each difference; exit status 1 if one is
 * not explained, 2 if nothing matches.
 */

import { execFile } from "node:child_process";
import { parseArgs } from "node:util";
import { readQuirks } from "../../harness/run/quirks.ts";
import { type Cell, EXPLAINED, isShipped, meet, type Outcome, readCells } from "./cells.ts";
import { CLIENTS, commandLine } from "./command-lines.ts";

const { values } = readArguments();

const matches = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));

const isInstalled = (client: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { command } = commandLine(client, { mode: "", address: "", port: 0, files: [], shipped: false });
    execFile("which", [command], (error) => resolve(error === null));
  });

const describe = ({ verdict, negotiation }: Outcome): string => `${verdict} by ${negotiation.join(", ") || "nothing"}`;

async function compare(cell: Cell): Promise<string | undefined> {
  const [named] = await readQuirks("server", [cell.quirk]);
  const outcome = await meet(cell, named?.quirk.behaviour ?? {});
  if (describe(outcome) === describe(cell)) return undefined;
  return [
    `${cell.quirk}: ${cell.client} ${cell.mode}`,
    `  measured  ${describe(cell)}  ${cell.words}`,
    `  here      ${describe(outcome)}  ${outcome.words}`,
  ].join("\n");
}

const wanted = (await readCells()).filter(
  (cell) =>
    matches(values.client, cell.client) && matches(values.quirk, cell.quirk) && (values.shipped || !isShipped(cell)),
);
if (wanted.length === 0) {
  console.error("no cell matches --client and --quirk");
  process.exit(2);
}
const missing: string[] = [];
for (const client of CLIENTS) if (!(await isInstalled(client))) missing.push(client);
if (missing.length > 0) console.log(`not installed, skipped: ${missing.join(", ")}`);
const cells = wanted.filter(({ client }) => !missing.includes(client));
const queue = [...cells];
let differences = 0;
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async () => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
      const difference = await compare(cell);
      if (difference === undefined) continue;
      const explained = EXPLAINED.includes(`${cell.quirk} ${cell.client}`);
      if (!explained) differences++;
      console.log(explained ? `${difference}\n  explained in docs/reference/clients.md` : difference);
    }
  }),
);
console.log(`${cells.length} cells: ${differences} differ from docs/reference/clients.jsonl without a reason`);
process.exitCode = differences > 0 ? 1 : 0;

function readArguments() {
  try {
    return parseArgs({
      options: {
        client: { type: "string", multiple: true, default: ["*"] },
        quirk: { type: "string", multiple: true, default: ["*"] },
        /** Also with the clients' own timeouts: minutes. */
        shipped: { type: "boolean", default: false },
        jobs: { type: "string", default: "4" },
      },
    });
  } catch (error) {
    console.error(`clients: ${(error as Error).message}`);
    process.exit(2);
  }
}
