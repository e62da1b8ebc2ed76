/** pgrep(1) and pkill(1) of OpenBSD, as rc.subr and the lab call them: `-q` and `-T rtable` are theirs alone. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { getopt } from "../../../proxy/getopt.ts";
import { type Command, Refusal } from "./command.ts";

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly line: string;
  /** Inode of its network namespace. */
  readonly network: number;
}

export const processes: Command = ({ program, args, pid: caller }, machine) => {
  const signal = /^-(HUP|TERM|KILL)$/.exec(args[0] ?? "")?.[1];
  const options = new Map<string, string>();
  for (const found of getopt(signal === undefined ? args : args.slice(1), "fqT:x").options) {
    if ("problem" in found) throw new Refusal(`${program}: ${found.problem}`, 2);
    options.set(found.option, found.argument ?? "");
  }
  const pattern = new RegExp(options.has("x") ? `^(?:${args.at(-1)})$` : (args.at(-1) ?? ""));
  const table = options.get("T");
  const found = all().filter(
    ({ pid, line, name, network }) =>
      ![caller, process.pid, 1].includes(pid) &&
      pattern.test(options.has("f") ? line : name) &&
      (table === undefined || machine.rdomainOf(network) === Number(table)),
  );
  if (program === "pkill") for (const { pid } of found) kill(pid, signal ?? "TERM");
  const shown = program === "pkill" || options.has("q") ? [] : found.map(({ pid }) => `${pid}\n`);
  return { status: found.length > 0 ? 0 : 1, stdout: shown.join("") };
};

function kill(pid: number, signal: string): void {
  try {
    process.kill(pid, `SIG${signal}` as NodeJS.Signals);
  } catch {
    // It has ended meanwhile.
  }
}

function all(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replace(/\0+$/, "").replaceAll("\0", " ");
      const network = Number(/\d+/.exec(readlinkSync(`/proc/${name}/ns/net`))?.[0]);
      const short = (line.split(" ")[0] ?? "").replace(/.*\//, "").slice(0, 16);
      return line === "" ? [] : [{ pid: Number(name), name: short, line, network }];
    } catch {
      return [];
    }
  });
}
