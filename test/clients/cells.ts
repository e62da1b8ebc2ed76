/**
 * The measured cells of docs/reference/clients.jsonl, and the same cell once more: the quirky server on loopback, and
 * the real client before it.
 *
 * @example
 * const { verdict, negotiation } = await meet(cell, quirk.behaviour);
 */

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTENTS, FETCHED } from "../../harness/players/files.ts";
import { FtpServer } from "../../harness/players/ftp/server.ts";
import type { ServerBehaviour } from "../../harness/players/ftp/server-session.ts";
import { NodeHost } from "../../proxy/node/node-host.ts";
import { type CommandLine, commandLine } from "./command-lines.ts";

export interface Outcome {
  readonly verdict: "works" | "detour" | "fails";
  /** The commands by which it asked for data connections. */
  readonly negotiation: readonly string[];
  readonly words: string;
}

export interface Cell extends Outcome {
  readonly quirk: string;
  readonly client: string;
  /** `passive`, `pasv`, `epsv`, `passive6`, `active`, `active-port`; `…-shipped`. */
  readonly mode: string;
  readonly seconds: number | readonly number[];
}

export const isShipped = ({ mode }: Cell): boolean => mode.endsWith("-shipped");

/** Quirk and client of cells that differ for a reason: docs/reference/clients.md has it. */
export const EXPLAINED: readonly string[] = [
  ...["data-port-closed ncftpget", "pasv-227-zero-address ncftpget"],
  ...["feat-looks-like-two-replies tnftp", "feat-looks-like-two-replies tnftp-url"],
  "opts-two-replies lftp",
];

export async function readCells(): Promise<Cell[]> {
  const text = await readFile(new URL("../../docs/reference/clients.jsonl", import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Cell);
}

const host = new NodeHost({ log: () => {} });
/** After so long a client is ended. */
const LIMIT_S = 20;
const SMALL = "small.bin";
/** The quirk lies between two transfers. */
const TWO_FILES = ["late-226-before-next"];
/** Who dials 0.0.0.0 comes to 127.0.0.1, which must be another host. */
const OTHER_ADDRESS: Readonly<Record<string, string>> = { "pasv-227-zero-address": "127.0.0.2" };

export async function meet(cell: Cell, behaviour: ServerBehaviour): Promise<Outcome> {
  const mode = cell.mode.replace("-shipped", "");
  const shipped = isShipped(cell);
  const address = mode === "passive6" ? "::1" : (OTHER_ADDRESS[cell.quirk] ?? "127.0.0.1");
  const heard: string[] = [];
  const server = await FtpServer.start(host, { address, port: 0 }, behaviour, {
    onLine: (line) => heard.push(line),
  });
  const folder = await mkdtemp(join(tmpdir(), "anchorage-clients-"));
  try {
    const files = TWO_FILES.includes(cell.quirk) ? [FETCHED, SMALL] : [FETCHED];
    const download = { mode, address, port: server.endpoint.port, files, shipped };
    const limitS = shipped ? Math.floor([cell.seconds].flat()[0] ?? LIMIT_S) : LIMIT_S;
    const words = await run(commandLine(cell.client, download), folder, limitS * 1000);
    const whole = await Promise.all(files.map((file) => isWhole(server, join(folder, file), file)));
    const negotiation = heard.flatMap(
      (line) => /^> (PASV|EPSV|PORT|EPRT|LPSV|LPRT)\b/i.exec(line)?.[1]?.toUpperCase() ?? [],
    );
    const verdict = !whole.every(Boolean) ? "fails" : new Set(negotiation).size > 1 ? "detour" : "works";
    return { verdict, negotiation, words };
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function isWhole(server: FtpServer, path: string, name: string): Promise<boolean> {
  const got = await readFile(path).catch(() => undefined);
  return got?.equals(server.files.read(name) ?? CONTENTS) === true;
}

/** Runs it to its end, or to the limit. Returns the last line of its output. */
function run({ command, args, input }: CommandLine, folder: string, limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, HOME: folder, LC_ALL: "C", TERM: "dumb" };
    const child = spawn(command, args, { cwd: folder, env, timeout: limitMs, killSignal: "SIGKILL" });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", () => resolve(output.trim().split("\n").at(-1) ?? ""));
  });
}
