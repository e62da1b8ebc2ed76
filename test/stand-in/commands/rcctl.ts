/**
 * rcctl(8), as provision.sh and the lab call it: writes rc.conf.local(8), starts and stops by the scripts of
 * /etc/rc.d. Any other use is Unable.
 *
 * @example
 * rcctl(call(["set", "ftpproxy", "flags", "-D7"]), machine);
 */

import type { Files } from "../files.ts";
import { type Command, done, Refusal, Unable } from "./command.ts";

const SCRIPTED = ["start", "stop", "restart", "reload", "check"];
const LOCAL = "/etc/rc.conf.local";
const STARTED = `for service in /etc/rc.d/*; do name=\${service##*/}; [ "$name" = rc.subr ] || { "$service" check >/dev/null 2>&1 && echo "$name"; }; done; exit 0`;

export const rcctl: Command = ({ args, uid }, { files }) => {
  const [action = "", name = "", variable, ...values] = args;
  if (uid !== 0) throw new Refusal(`rcctl: "${action}" needs root privileges`);
  if (action === "ls" && name === "started") return { exec: ["/bin/sh", "-c", STARTED] };
  if (!files.exists(`/etc/rc.d/${name}`)) throw new Refusal(`rcctl: service ${name} does not exist`, 2);
  if (SCRIPTED.includes(action)) return { exec: [`/etc/rc.d/${name}`, action] };
  const local = assignments(files.read(LOCAL) ?? "");
  // rc.conf(8): services of the base system have their flags there, those of packages are in pkg_scripts.
  const base = assignments(files.read("/etc/rc.conf") ?? "").has(`${name}_flags`);
  if (action === "enable") {
    if (base) local.set(`${name}_flags`, "");
    else local.set("pkg_scripts", name);
  } else if (action === "disable") {
    local.delete(`${name}_flags`);
    if (local.get("pkg_scripts") === name) local.delete("pkg_scripts");
  } else if (action === "set" && variable === "flags") local.set(`${name}_flags`, values.join(" "));
  else throw new Unable(`rcctl ${args.join(" ")}`);
  write(files, local);
  return done();
};

function write(files: Files, local: ReadonlyMap<string, string>): void {
  if (local.size === 0) files.remove(LOCAL);
  else
    files.write(
      LOCAL,
      [...local]
        .map(([key, value]) => `${key}=${value}\n`)
        .sort()
        .join(""),
    );
}

const assignments = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = "", value = ""]) => [key, value]));
