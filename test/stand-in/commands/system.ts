/** Small commands of the guest that say what machine it is: uname(1), hostname(1), mount(8) and the like. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { getopt } from "../../../proxy/command-line.ts";
import { type Command, done, Refusal, Unable } from "./command.ts";

const UNAME: Readonly<Record<string, (hostname: string) => string>> = {
  s: () => "OpenBSD",
  n: (hostname) => hostname,
  r: () => "7.8",
  v: () => "STAND-IN#0",
  m: () => "amd64",
};

export const uname: Command = ({ args }, { sysctl }) => {
  const chosen = new Set<string>();
  for (const found of getopt(args, "amnprsv")) {
    if ("problem" in found) throw new Refusal(`uname: ${found.problem}\nusage: uname [-amnprsv]`);
    for (const letter of found.option === "a" ? "snrvm" : found.option) chosen.add(letter);
  }
  if (chosen.size === 0) chosen.add("s");
  const hostname = sysctl.get("kern.hostname") ?? "";
  const words = "snrvm"
    .split("")
    .filter((letter) => chosen.has(letter))
    .map((letter) => UNAME[letter]?.(hostname));
  if (chosen.has("p")) words.push("amd64");
  return done(`${words.join(" ")}\n`);
};

export const hostname: Command = ({ args, uid }, { sysctl }) => {
  const [first] = args;
  const own = sysctl.get("kern.hostname") ?? "";
  if (first === undefined) return done(`${own}\n`);
  if (first === "-s") return done(`${own.replace(/\..*/, "")}\n`);
  if (first.startsWith("-")) throw new Refusal("usage: hostname [-s] [name-of-host]");
  if (uid !== 0) throw new Refusal("hostname: sethostname: Operation not permitted");
  sysctl.set("kern.hostname", first);
  return done();
};

export const machine: Command = ({ program, args }) => {
  if (args.length > 0 && args[0] !== "-s") throw new Unable(`${program} ${args.join(" ")}`);
  return done(program === "arch" && args.length === 0 ? "OpenBSD.amd64\n" : "amd64\n");
};

/** One file system for everything, as small boxes have it. */
export const mount: Command = ({ program, args, uid }) => {
  if (program === "mount" && args.length === 0) return done("/dev/sd0a on / type ffs (local, wxallowed)\n");
  if (uid !== 0) throw new Refusal(`${program}: must be superuser to ${program}`);
  if (program === "mount" && args.includes("-u")) return done();
  throw new Unable(`${program} ${args.join(" ")}`);
};

/** sha256(1): `SHA256 (file) = …`, with -q the sum alone. */
export const sha256: Command = async ({ args, cwd, stdin }, { files }) => {
  let quiet = false;
  let rest = [...args];
  for (const found of getopt(args, "bC:ch:pqrs:tx")) {
    if ("problem" in found)
      throw new Refusal(
        `sha256: ${found.problem}\nusage: sha256 [-bcpqrtx] [-C checklist] [-h hashfile] [-s string] [file ...]`,
      );
    if (found.option !== "q") throw new Unable(`sha256 -${found.option}`);
    quiet = true;
    rest = rest.slice(1);
  }
  const sum = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
  if (rest.length === 0) return done(`${sum(await stdin())}\n`);
  const lines = rest.map((path) => {
    try {
      const hex = sum(readFileSync(files.at(path, cwd)));
      return quiet ? `${hex}\n` : `SHA256 (${path}) = ${hex}\n`;
    } catch {
      throw new Refusal(`sha256: cannot open ${path}: No such file or directory`);
    }
  });
  return done(lines.join(""));
};

/** `shutdown -p now`, `shutdown -h now`: the machine goes once whoever asked has been answered. It does not come again. */
export const power: Command = ({ program, args, uid, gone }, machine) => {
  if (uid !== 0)
    throw new Refusal(program === "reboot" ? "reboot: Operation not permitted" : "shutdown: NOT super-user");
  const off = args.includes("-p") || args.includes("-h");
  if (program !== "shutdown" || !off || args.at(-1) !== "now") throw new Unable(`${program} ${args.join(" ")}`);
  void gone.then(() => machine.off());
  return done();
};

export const neighbours: Command = ({ program, args }) => {
  throw new Unable(`${program} ${args.join(" ")}`);
};
