/**
 * pkg_add(1), pkg_info(1), pkg_delete(1): the one package that a stand-in has is node, which is this machine's own.
 */

import { spawnSync } from "node:child_process";
import { realpathSync, writeFileSync } from "node:fs";
import { getopt } from "../../../proxy/command-line.ts";
import { type Command, done, Refusal, type Reply, Unable } from "./command.ts";

const DATABASE = "/var/db/pkg";
const version = process.versions.node;

export const packages: Command = ({ program, args, uid }, { files }) => {
  let words = 0;
  for (const found of getopt(args, "aA:B:cD:E:e:f:IiL:l:mnQ:qr:sUuVvxzdKMPSt")) {
    if ("problem" in found)
      throw new Refusal(`${program}: ${found.problem}\nUsage: ${program} [-acinqsuVvxz] [-D keyword] pkg-name [...]`);
    words++;
    if (found.option === "Q") return done(`node-${version}\n`);
    if (found.option === "u") return done();
  }
  const names = args.slice(words);
  const installed = files.list(DATABASE);
  if (program === "pkg_info") {
    if (names.length === 0) return done(installed.map((name) => `${name}  JavaScript server-side platform\n`).join(""));
    const missing = names.find((name) => !installed.some((one) => one === name || one.startsWith(`${name}-`)));
    return missing === undefined
      ? done(`Information for inst:node-${version}\n`)
      : { status: 1, stderr: `Can't find ${missing}\n` };
  }
  if (uid !== 0) throw new Refusal(`Fatal error: ${program} must be run as root`);
  if (program === "pkg_delete") throw new Unable("pkg_delete");
  for (const name of names) {
    if (name !== "node" && name !== `node-${version}`) return { status: 1, stderr: `Can't find ${name}\n` };
    if (!installed.includes(`node-${version}`))
      install(files.at("/usr/local/bin/node"), files.at(`${DATABASE}/node-${version}`));
  }
  return done(names.map(() => `node-${version}: ok\n`).join(""));
};

/** By a mount rather than a link, so that it finds itself under that name. */
function install(place: string, record: string): Reply | undefined {
  writeFileSync(place, "");
  const result = spawnSync("mount", ["--bind", realpathSync(process.execPath), place], { encoding: "utf8" });
  if (result.status !== 0) throw new Unable(`pkg_add: ${result.stderr.trim()}`);
  writeFileSync(record, "");
  return undefined;
}
