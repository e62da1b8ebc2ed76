/** pgrep(1) and pkill(1) of OpenBSD: `-q` and `-T rtable` are theirs alone. */

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { getopt } from "../../../proxy/command-line.ts";
import { type Command, Refusal } from "./command.ts";

const USAGE: Readonly<Record<string, string>> = {
  pgrep:
    "usage: pgrep [-flnoqvx] [-d delim] [-G gid] [-g pgrp] [-P ppid] [-s sid]\n\t[-T rtable] [-t tty] [-U uid] [-u euid] [pattern ...]",
  pkill:
    "usage: pkill [-signal] [-fIlnoqvx] [-G gid] [-g pgrp] [-P ppid] [-s sid]\n\t[-T rtable] [-t tty] [-U uid] [-u euid] [pattern ...]",
};

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly name: string;
  readonly line: string;
  /** Inode of its network namespace. */
  readonly network: number;
}

export const processes: Command = ({ program, args, uid, pid: caller }, machine) => {
  const usage = USAGE[program] ?? "";
  let signal = "TERM";
  let words = [...args];
  const first = /^-(?:SIG)?([A-Z]+\d?|\d+)$/.exec(words[0] ?? "");
  if (program === "pkill" && first !== null && first[1] !== "I") {
    signal = first[1] ?? signal;
    words = words.slice(1);
  }
  const options = new Map<string, string>();
  let taken = 0;
  for (const found of getopt(words, "d:fG:g:IlnoP:qs:T:t:U:u:vx")) {
    if ("problem" in found) throw new Refusal(`${program}: ${found.problem}\n${usage}`, 2);
    options.set(found.option, found.argument ?? "");
  }
  while (taken < words.length && words[taken]?.startsWith("-")) {
    taken += /[dGgPsTtUu]$/.test(words[taken] ?? "") ? 2 : 1;
  }
  const patterns = words.slice(taken);
  if (patterns.length === 0 && !["P", "U", "u", "T", "G", "g", "s", "t"].some((one) => options.has(one)))
    throw new Refusal(usage, 2);

  const expressions = patterns.map((text) => new RegExp(options.has("x") ? `^(?:${text})$` : text));
  const table = options.get("T");
  const found = all().filter((one) => {
    if (one.pid === caller || one.pid === process.pid || one.pid === 1) return false;
    const subject = options.has("f") ? one.line : one.name;
    const matches =
      (expressions.length === 0 || expressions.some((expression) => expression.test(subject))) &&
      (table === undefined || machine.rdomainOf(one.network) === Number(table)) &&
      (!options.has("P") || options.get("P")?.split(",").includes(String(one.parent)) === true) &&
      (!options.has("u") || machine.uidOf(options.get("u") ?? "") === one.uid) &&
      (!options.has("U") || machine.uidOf(options.get("U") ?? "") === one.uid);
    return matches !== options.has("v");
  });
  if (program === "pgrep") {
    const lines = found.map(({ pid, name, line }) =>
      options.has("l") ? `${pid} ${options.has("f") ? line : name}` : String(pid),
    );
    return {
      status: found.length > 0 ? 0 : 1,
      stdout: options.has("q") || lines.length === 0 ? "" : `${lines.join(options.get("d") ?? "\n")}\n`,
    };
  }
  let stderr = "";
  for (const { pid, uid: owner } of found) {
    if (uid !== 0 && uid !== owner) stderr += `pkill: signalling pid ${pid}: Operation not permitted\n`;
    else kill(pid, signal);
  }
  return { status: found.length > 0 ? 0 : 1, stderr };
};

function kill(pid: number, signal: string): void {
  try {
    process.kill(pid, /^\d+$/.test(signal) ? Number(signal) : (`SIG${signal}` as NodeJS.Signals));
  } catch {
    // It has ended meanwhile.
  }
}

function all(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replace(/\0+$/, "").replaceAll("\0", " ");
      const status = readFileSync(`/proc/${name}/stat`, "latin1");
      const parent = Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
      const network = Number(/\d+/.exec(readlinkSync(`/proc/${name}/ns/net`))?.[0]);
      const short = (line.split(" ")[0] ?? "").replace(/.*\//, "").slice(0, 16);
      return line === ""
        ? []
        : [{ pid: Number(name), parent, uid: statSync(`/proc/${name}`).uid, name: short, line, network }];
    } catch {
      return [];
    }
  });
}
