/** sysctl(8): shows and sets variables. */

import { getopt } from "../../../proxy/command-line.ts";
import { type Command, Refusal } from "./command.ts";

const USAGE = "usage: sysctl [-Aan]\n       sysctl [-n] name ...\n       sysctl [-nq] name=value ...";

export const sysctl: Command = ({ args, uid }, machine) => {
  const flags = new Set<string>();
  let rest = [...args];
  for (const found of getopt(args, "Aaf:nq")) {
    if ("problem" in found) throw new Refusal(`sysctl: ${found.problem}\n${USAGE}`);
    flags.add(found.option);
    rest = rest.slice(1);
  }
  const names = flags.has("a") || flags.has("A") ? machine.sysctl.names() : rest;
  if (names.length === 0) throw new Refusal(USAGE);
  let stdout = "";
  let stderr = "";
  for (const word of names) {
    const [, name = word, value] = /^([^=]+)=(.*)$/.exec(word) ?? [];
    const known = machine.sysctl.names().filter((one) => one === name || one.startsWith(`${name}.`));
    if (known.length === 0) {
      // Seen on 7.8: it goes on, and has succeeded.
      stderr += `sysctl: ${unknown(machine.sysctl.names(), name)}\n`;
      continue;
    }
    if (value === undefined) {
      for (const one of known)
        stdout += flags.has("n") ? `${machine.sysctl.get(one)}\n` : `${one}=${machine.sysctl.get(one)}\n`;
      continue;
    }
    const old = machine.sysctl.get(name);
    if (uid !== 0 || !machine.sysctl.set(name, value)) throw new Refusal(`sysctl: ${name}: Operation not permitted`);
    if (flags.has("q")) continue;
    stdout += flags.has("n") ? `${value}\n` : `${name}: ${old} -> ${value}\n`;
  }
  return { status: 0, stdout, stderr };
};

/** Which part of a name is nowhere. */
function unknown(names: readonly string[], name: string): string {
  const parts = name.split(".");
  const level = parts.findIndex(
    (_, index) => !names.some((one) => `${one}.`.startsWith(`${parts.slice(0, index + 1).join(".")}.`)),
  );
  const words = ["top", "second", "third", "fourth", "fifth"][level] ?? "sixth";
  return `${words} level name ${parts[level]} in ${name} is invalid`;
}
