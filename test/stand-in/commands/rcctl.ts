/**
 * rcctl(8): reads and writes rc.conf.local(8), starts and stops by the scripts of /etc/rc.d.
 *
 * @example
 * rcctl(call(["set", "ftpproxy", "flags", "-D7"]), machine);
 */

import type { Files } from "../files.ts";
import { type Command, done, Refusal, type Reply, Unable } from "./command.ts";

const USAGE = [
  "usage:\trcctl get|getdef|set daemon|service [variable [argument ...]]",
  "\trcctl [-df] start|stop|restart|reload|check|configtest daemon ...",
  "\trcctl disable|enable|order [daemon ...]",
  "\trcctl ls all|failed|off|on|rogue|started|stopped",
].join("\n");
const VARIABLES = ["class", "execdir", "flags", "logger", "rtable", "timeout", "user"] as const;
/** rc.conf(8): YES or NO, without a script. */
const SPECIAL = ["accounting", "check_quotas", "ipsec", "library_aslr", "multicast", "pf", "spamd_black"];
const SCRIPTED = ["start", "stop", "restart", "reload", "check", "configtest"];
const LOCAL = "/etc/rc.conf.local";

export const rcctl: Command = ({ args, uid }, { files }) => {
  const rest = [...args];
  const flags: string[] = [];
  while (rest[0]?.startsWith("-")) {
    const word = rest.shift() ?? "";
    if (!/^-[df]+$/.test(word)) throw new Refusal(USAGE);
    flags.push(word);
  }
  const [action = "", ...words] = rest;
  const root = () => {
    if (uid !== 0) throw new Refusal(`rcctl: "${action}" needs root privileges`);
  };
  const services = new Services(files);
  if (SCRIPTED.includes(action)) {
    if (words.length === 0) throw new Refusal(USAGE);
    for (const name of words) services.mustExist(name);
    const special = words.find((name) => SPECIAL.includes(name));
    if (special !== undefined) throw new Refusal(`rcctl: "${special}" is a special variable, no rc.d(8) script`);
    const each = `status=0; for service; do "/etc/rc.d/$service" ${flags.join(" ")} ${action} || status=$?; done; exit $status`;
    return { exec: ["/bin/sh", "-c", each, "rcctl", ...words] };
  }
  switch (action) {
    case "enable":
    case "disable":
      if (words.length === 0) throw new Refusal(USAGE);
      if (action === "enable") for (const name of words) services.mustExist(name);
      root();
      for (const name of words) services.setStatus(name, action === "enable");
      return done();
    case "get":
    case "getdef":
      return get(services, action, words);
    case "set":
      return set(services, words, root);
    case "ls":
      if (words[0] === "all")
        return done(
          [...services.scripts(), ...SPECIAL]
            .sort()
            .map((name) => `${name}\n`)
            .join(""),
        );
      if (words[0] === "on" || words[0] === "off") {
        const on = words[0] === "on";
        return done(
          [...services.scripts(), ...SPECIAL]
            .sort()
            .filter((name) => services.isEnabled(name) === on)
            .map((name) => `${name}\n`)
            .join(""),
        );
      }
      if (words[0] === "started" || words[0] === "stopped") {
        root();
        const wanted = words[0] === "started" ? "&&" : "||";
        return {
          exec: [
            "/bin/sh",
            "-c",
            `for service in /etc/rc.d/*; do name=\${service##*/}; [ "$name" = rc.subr ] || { "$service" check >/dev/null 2>&1 ${wanted} echo "$name"; }; done; exit 0`,
          ],
        };
      }
      throw new Refusal(USAGE);
    case "order":
      throw new Unable("rcctl order");
    default:
      throw new Refusal(USAGE);
  }
};

function get(services: Services, action: "get" | "getdef", [name, variable]: readonly string[]): Reply {
  if (name === undefined) throw new Refusal(USAGE);
  services.mustExist(name);
  if (variable !== undefined && variable !== "status" && !VARIABLES.includes(variable as "flags"))
    throw new Refusal(USAGE);
  const enabled = action === "get" ? services.isEnabled(name) : services.isEnabledByDefault(name);
  const status = enabled ? 0 : 1;
  if (variable === "status") return { status };
  const value = (one: (typeof VARIABLES)[number]) =>
    action === "get" ? services.value(name, one) : services.defaultValue(name, one);
  if (variable !== undefined) {
    const text = value(variable as "flags");
    return { status: variable === "flags" ? 0 : 0, stdout: text === "" ? "" : `${text}\n` };
  }
  if (SPECIAL.includes(name)) return { status, stdout: `${name}=${enabled ? "YES" : "NO"}\n` };
  return { status, stdout: VARIABLES.map((one) => `${name}_${one}=${value(one)}\n`).join("") };
}

function set(services: Services, [name, variable, ...values]: readonly string[], root: () => void): Reply {
  if (name === undefined) throw new Refusal(USAGE);
  services.mustExist(name);
  const text = values.join(" ");
  if (variable !== "status" && !VARIABLES.includes(variable as "flags")) throw new Refusal(USAGE);
  if (variable === "flags" && text === "NO") throw new Refusal('rcctl: "flags NO" contradicts "set"');
  if (SPECIAL.includes(name) && variable !== "status") {
    throw new Refusal(`rcctl: "${name}" is a special variable, cannot "set ${variable}"`);
  }
  if (variable === "class") throw new Refusal(`rcctl: "${name}_class" is a read-only variable set in login.conf(5)`);
  root();
  if (variable === "status") {
    if (text !== "on" && text !== "off") throw new Refusal(`rcctl: invalid status "${text}"`);
    services.setStatus(name, text === "on");
    return done();
  }
  if (!services.isEnabled(name)) throw new Refusal(`rcctl: ${name} is not enabled`);
  if (variable === "rtable" && !/^\d*$/.test(text)) throw new Refusal(`rcctl: "${text}" is not an integer`);
  if (variable === "timeout" && !/^[1-9]\d*$|^$/.test(text))
    throw new Refusal(`rcctl: "${text}" is not a positive integer`);
  if (variable === "execdir" && text !== "" && !text.startsWith("/"))
    throw new Refusal(`rcctl: "${text}" must be an absolute path`);
  services.setValue(name, variable as "flags", text);
  return done();
}

/** rc.conf(8) and rc.conf.local(8). */
class Services {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  scripts(): string[] {
    return this.#files.list("/etc/rc.d").filter((name) => /^[A-Za-z0-9_]+$/.test(name));
  }

  mustExist(name: string): void {
    if (SPECIAL.includes(name) || (/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && this.scripts().includes(name))) return;
    throw new Refusal(`rcctl: service ${name} does not exist`, 2);
  }

  isEnabledByDefault(name: string): boolean {
    const key = SPECIAL.includes(name) ? name : `${name}_flags`;
    const value = this.#base().get(key);
    return value !== undefined && value !== "NO";
  }

  isEnabled(name: string): boolean {
    if (SPECIAL.includes(name)) return this.#both().get(name) === "YES";
    if (!this.#isBase(name)) return this.#packages().includes(name);
    return this.#both().get(`${name}_flags`) !== "NO";
  }

  value(name: string, variable: (typeof VARIABLES)[number]): string {
    if (variable === "flags" && !this.isEnabled(name)) return "NO";
    const given = this.#both().get(`${name}_${variable}`) ?? "";
    return given === "" || given === "NO" ? this.defaultValue(name, variable) : given;
  }

  /** What the script says; rc.subr(8) has the rest. */
  defaultValue(name: string, variable: (typeof VARIABLES)[number]): string {
    const script = this.#files.read(`/etc/rc.d/${name}`) ?? "";
    const found = new RegExp(`^daemon_${variable}=(["']?)(.*)\\1$`, "m").exec(script)?.[2];
    const usual: Partial<Record<(typeof VARIABLES)[number], string>> = {
      class: "daemon",
      rtable: "0",
      timeout: "30",
      user: "root",
    };
    return found ?? usual[variable] ?? "";
  }

  setStatus(name: string, on: boolean): void {
    const local = this.#local();
    if (SPECIAL.includes(name)) {
      local.delete(name);
      if (on !== this.isEnabledByDefault(name)) local.set(name, on ? "YES" : "NO");
    } else if (this.#isBase(name)) {
      const key = `${name}_flags`;
      if (on) {
        const flags = local.get(key);
        if (flags === undefined || flags === "NO") local.delete(key);
        if (!this.isEnabledByDefault(name) && !local.has(key)) local.set(key, "");
      } else {
        for (const variable of VARIABLES) local.delete(`${name}_${variable}`);
        if (this.isEnabledByDefault(name)) local.set(key, "NO");
      }
    } else {
      const others = this.#packages().filter((one) => one !== name);
      const all = on ? (this.#packages().includes(name) ? this.#packages() : [...others, name]) : others;
      if (!on) for (const variable of VARIABLES) local.delete(`${name}_${variable}`);
      local.delete("pkg_scripts");
      if (all.length > 0) local.set("pkg_scripts", all.join(" "));
    }
    this.#write(local);
  }

  setValue(name: string, variable: (typeof VARIABLES)[number], text: string): void {
    const local = this.#local();
    const key = `${name}_${variable}`;
    local.delete(key);
    const usual = text === this.defaultValue(name, variable);
    if (text !== "" && !usual) local.set(key, text);
    else if (variable === "flags" && this.#isBase(name) && !this.isEnabledByDefault(name)) local.set(key, "");
    this.#write(local);
  }

  #isBase = (name: string): boolean => this.#base().has(`${name}_flags`);
  #packages = (): string[] => (this.#both().get("pkg_scripts") ?? "").split(/\s+/).filter((name) => name !== "");
  #base = (): Map<string, string> => assignments(this.#files.read("/etc/rc.conf") ?? "");
  #local = (): Map<string, string> => assignments(this.#files.read(LOCAL) ?? "");
  #both = (): Map<string, string> => new Map([...this.#base(), ...this.#local()]);

  #write(local: ReadonlyMap<string, string>): void {
    const lines = [...local].map(([key, value]) => `${key}=${value}\n`).sort();
    if (lines.length === 0) this.#files.remove(LOCAL);
    else this.#files.write(LOCAL, lines.join(""));
  }
}

/** `name=value`, quotes and comments taken off (rc.conf(8)). */
function assignments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, value = ""] = /^\s*([A-Za-z0-9_]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined)
      found.set(
        key,
        value
          .replace(/\s*#.*$/, "")
          .trim()
          .replace(/^(["'])(.*)\1$/, "$2"),
      );
  }
  return found;
}
