/** Small commands of the guest, as far as scripts call them: uname(1), hostname(1), sysctl(8), mount(8), pkg_add(1), shutdown(8). */

import { spawnSync } from "node:child_process";
import { realpathSync, writeFileSync } from "node:fs";
import { type Command, done, Refusal, Unable } from "./command.ts";

const UNAME: Readonly<Record<string, string>> = { s: "OpenBSD", r: "7.8", m: "amd64" };

export const uname: Command = ({ args }) => {
  const letters = (args[0] ?? "-s").slice(1).split("");
  return done(`${letters.map((letter) => UNAME[letter] ?? unable(`uname -${letter}`)).join(" ")}\n`);
};

export const hostname: Command = ({ args: [name] }, { sysctl }) => {
  if (name === undefined || name === "-s") return done(`${sysctl.get("kern.hostname")}\n`);
  sysctl.set("kern.hostname", name);
  return done();
};

/** `[-nq] name[=value] ...` */
export const sysctl: Command = ({ args, uid }, machine) => {
  let stdout = "";
  for (const word of args.filter((one) => !one.startsWith("-"))) {
    const [name = "", value] = word.split("=");
    if (!machine.sysctl.has(name)) throw new Unable(`sysctl ${name}`);
    if (value === undefined) stdout += `${machine.sysctl.get(name)}\n`;
    else if (uid !== 0) throw new Refusal(`sysctl: ${name}: Operation not permitted`);
    else machine.sysctl.set(name, value);
  }
  return done(stdout);
};

/** One file system for everything, as small boxes have it. `-u`: on Linux a mount needs no wxallowed. */
export const mount: Command = ({ args }) => {
  if (args.length === 0) return done("/dev/sd0a on / type ffs (local, wxallowed)\n");
  return args[0] === "-u" ? done() : unable(`mount ${args.join(" ")}`);
};

/** The one package is node: this machine's own, by a mount rather than a link, so that it finds itself under that name. */
export const packages: Command = ({ args }, { files }) => {
  if (args.at(-1) !== "node") throw new Refusal(`Can't find ${args.at(-1)}`);
  const place = files.at("/usr/local/bin/node");
  writeFileSync(place, "");
  const { status, stderr } = spawnSync("mount", ["--bind", realpathSync(process.execPath), place], {
    encoding: "utf8",
  });
  return status === 0 ? done() : unable(`pkg_add: ${stderr.trim()}`);
};

/** `shutdown -p now`: the machine goes once the caller has its answer. It does not come up again. */
export const power: Command = ({ args, uid, gone }, machine) => {
  if (uid !== 0 || args.at(-1) !== "now") throw new Unable(`shutdown ${args.join(" ")}`);
  void gone.then(() => machine.off());
  return done();
};

function unable(what: string): never {
  throw new Unable(what);
}
