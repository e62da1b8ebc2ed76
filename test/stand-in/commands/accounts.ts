/** useradd(8), groupadd(8), userinfo(8), groupinfo(8): accounts in the guest's own files. */

import { getopt } from "../../../proxy/command-line.ts";
import type { Files } from "../files.ts";
import { type Command, done, Refusal, Unable } from "./command.ts";

export const accounts: Command = ({ program, args, uid }, { files }) => {
  const [name = "", options] = read(program, args);
  switch (program) {
    case "userinfo":
    case "groupinfo": {
      const file = program === "userinfo" ? "/etc/passwd" : "/etc/group";
      const found = entries(files, file).find((fields) => fields[0] === name || fields[2] === name);
      if (options.has("e")) return { status: found === undefined ? 1 : 0, stdout: found === undefined ? "" : "1\n" };
      if (found === undefined)
        throw new Refusal(`${program}: can't find ${program === "userinfo" ? "user" : "group"} '${name}'`);
      const [login, , id, gid, about, home, shell] = found;
      return done(
        program === "groupinfo"
          ? `name\t${login}\npasswd\t*\ngid\t${id}\nmembers\t${gid}\n`
          : `login\t${login}\npasswd\t*\nuid\t${id}\ngid\t${gid}\ngecos\t${about}\ndir\t${home}\nshell\t${shell}\n`,
      );
    }
    case "groupadd": {
      root(program, uid);
      if (entries(files, "/etc/group").some((fields) => fields[0] === name))
        throw new Refusal(`groupadd: can't add group '${name}': already exists`);
      const gid = options.get("g") ?? free(files, "/etc/group");
      append(files, "/etc/group", `${name}:*:${gid}:`);
      return done();
    }
    case "useradd": {
      root(program, uid);
      if (entries(files, "/etc/passwd").some((fields) => fields[0] === name))
        throw new Refusal(`useradd: already a '${name}' user`);
      const number = options.get("u") ?? free(files, "/etc/passwd");
      let gid = options.get("g") ?? "=uid";
      if (gid === "=uid") {
        gid = number;
        if (!entries(files, "/etc/group").some((fields) => fields[0] === name))
          append(files, "/etc/group", `${name}:*:${gid}:`);
      } else if (!/^\d+$/.test(gid)) {
        const group = entries(files, "/etc/group").find((fields) => fields[0] === gid);
        if (group === undefined) throw new Refusal(`useradd: unknown group '${gid}'`);
        gid = group[2] ?? "";
      }
      const about = options.get("c") ?? "";
      const home = options.get("d") ?? `/home/${name}`;
      const shell = options.get("s") ?? "/bin/ksh";
      append(files, "/etc/passwd", `${name}:*:${number}:${gid}:${about}:${home}:${shell}`);
      append(
        files,
        "/etc/master.passwd",
        `${name}:*:${number}:${gid}:${options.get("L") ?? ""}:0:0:${about}:${home}:${shell}`,
      );
      return done();
    }
    default:
      throw new Unable(program);
  }
};

const LETTERS: Readonly<Record<string, string>> = {
  useradd: "b:c:d:De:f:G:g:k:L:mop:r:s:u:v",
  groupadd: "g:ov",
  userinfo: "e",
  groupinfo: "ev",
};

function read(program: string, args: readonly string[]): [string, Map<string, string>] {
  const letters = LETTERS[program];
  if (letters === undefined) throw new Unable(program);
  const options = new Map<string, string>();
  for (const found of getopt(args, letters)) {
    if ("problem" in found) throw new Refusal(`${program}: ${found.problem}\nusage: ${program} [options] name`);
    options.set(found.option, found.argument ?? "");
  }
  const name = args.at(-1);
  if (name === undefined || name.startsWith("-")) throw new Refusal(`usage: ${program} [options] name`);
  return [name, options];
}

function root(program: string, uid: number): void {
  if (uid !== 0) throw new Refusal(`${program}: Program must be run as root`);
}

const entries = (files: Files, path: string): string[][] =>
  (files.read(path) ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));

/** user(8): numbers for people begin at 1000. */
function free(files: Files, path: string): string {
  const taken = new Set(entries(files, path).map((fields) => Number(fields[2])));
  let number = 1000;
  while (taken.has(number)) number++;
  return String(number);
}

const append = (files: Files, path: string, line: string): void =>
  files.write(path, `${files.read(path) ?? ""}${line}\n`);
