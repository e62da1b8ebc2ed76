/**
 * ifconfig(8): makes and shows interfaces. Parameters are carried out from left to right, the address at the end,
 * as there; formats as measured on 7.8.
 *
 * @example
 * ifconfig(call(["pair1", "rdomain", "1", "10.0.0.5/24", "up"]), machine);
 */

import { parsePrefix } from "../../../harness/net/ip/prefix.ts";
import { addressBytes, canonicalAddress, familyOf } from "../../../harness/net/wire/address.ts";
import { Errno } from "../kernel/errno.ts";
import { CLONERS, type Network, RDOMAIN_MAX } from "../kernel/network.ts";
import { type Call, type Command, done, Refusal, type Reply, Unable } from "./command.ts";
import { showInterface } from "./show-interface.ts";

const USAGE =
  "usage: ifconfig [-AaC] [-M lladdr] [interface] [address_family]\n\t\t[address [dest_address]] [parameters]";

/** ifconfig(8): parameters with one argument that the stand-in knows of, but does nothing about. */
const LATER = ["metric", "priority", "rtlabel", "lladdr", "media", "parent", "vnetid", "tunnel", "static", "addlocal"];

interface Wanted {
  family: "inet" | "inet6";
  explicitFamily: boolean;
  address?: string;
  prefix?: number;
  /** `alias` adds, `delete` takes away, else the first address of the family is replaced. */
  mode: "replace" | "alias" | "delete";
  acted: boolean;
}

export const ifconfig: Command = ({ args, uid }, { network }) => {
  let words = [...args];
  let all = words.length === 0;
  let name = "";
  const flags = words[0]?.startsWith("-") ? words.shift()?.slice(1) : undefined;
  for (const flag of flags ?? "") {
    if (flag === "a" || flag === "A") all = true;
    else if (flag === "C") return done(`${[...CLONERS].sort().join(" ")}\n`);
    else if (flag === "M" || flag === "g") throw new Unable(`ifconfig -${flag}`);
    else throw new Refusal(USAGE);
  }
  if (!all) name = words.shift() ?? fail(USAGE);
  if (name.length >= 16) throw new Refusal(`ifconfig: interface name '${name}' too long`);
  const wanted: Wanted = { family: "inet", explicitFamily: false, mode: "replace", acted: false };
  if (words[0] === "inet" || words[0] === "inet6") {
    wanted.family = words.shift() as "inet" | "inet6";
    wanted.explicitFamily = true;
  }
  if (words.length > 0 && all) throw new Unable("ifconfig -a with parameters");
  if (words.length === 0) return shown(network, name, all, wanted);
  if (uid !== 0)
    throw new Refusal(
      `ifconfig: ${words[0] === "create" ? `${name}: SIOCIFCREATE` : "SIOCSIFFLAGS"}: Operation not permitted`,
    );
  if (words[0] === "create") {
    attempt(`${name}: SIOCIFCREATE`, () => network.create(name));
    words = words.slice(1);
    if (words.length === 0) return done();
  } else if (words[0] !== "destroy" && !network.interfaces.has(name)) {
    // What can be made is made when it is first spoken of.
    try {
      network.create(name);
    } catch {
      // The parameters will say what is wrong.
    }
  }
  return change(network, name, words, wanted);
};

function change(network: Network, name: string, words: string[], wanted: Wanted): Reply {
  let warnings = "";
  const warn = (what: string, action: () => void) => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      warnings += `ifconfig: ${what}: ${error.message}\n`;
    }
  };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const parameter = word;
    const argument = (): string => words.shift() ?? fail(`ifconfig: '${parameter}' requires argument`);
    wanted.acted = true;
    switch (parameter) {
      case "up":
      case "down":
        attempt("SIOCSIFFLAGS", () => network.setUp(name, parameter === "up"));
        break;
      case "destroy":
        attempt(`${name}: SIOCIFDESTROY`, () => network.destroy(name));
        break;
      case "rdomain": {
        const text = argument();
        if (!/^\d+$/.test(text)) throw new Refusal(`ifconfig: rdomain ${text}: invalid`);
        if (Number(text) > RDOMAIN_MAX) throw new Refusal(`ifconfig: rdomain ${text}: too large`);
        warn("SIOCSIFRDOMAIN", () => network.setRdomain(name, Number(text)));
        break;
      }
      case "-rdomain":
        warn("SIOCSIFRDOMAIN", () => network.setRdomain(name, 0));
        break;
      case "patch": {
        const peer = argument();
        if (!network.interfaces.has(peer)) throw new Refusal(`ifconfig: patch ${peer}: No such file or directory`);
        warn("SIOCSIFPAIR", () => network.setPatch(name, peer));
        break;
      }
      case "-patch":
        warn("SIOCSIFPAIR", () => network.setPatch(name, undefined));
        break;
      case "add":
      case "del": {
        const port = argument();
        try {
          if (parameter === "add") network.addPort(name, port);
          else network.removePort(name, port);
        } catch (error) {
          if (!(error instanceof Errno)) throw error;
          if (error.code !== "EEXIST") throw new Refusal(`ifconfig: ${name}: ${port}: ${error.message}`);
        }
        break;
      }
      case "description":
      case "descr":
        network.get(name).description = argument();
        break;
      case "-description":
      case "-descr":
        network.get(name).description = "";
        break;
      case "group":
      case "-group":
        group(network, name, parameter, argument());
        break;
      case "mtu": {
        const text = argument();
        if (!/^\d+$/.test(text)) throw new Refusal(`ifconfig: mtu ${text}: invalid`);
        network.get(name).mtu = Number(text);
        network.changed();
        break;
      }
      case "alias":
        wanted.mode = "alias";
        break;
      case "-alias":
      case "delete":
        wanted.mode = "delete";
        break;
      case "netmask":
        wanted.prefix = maskBits(argument());
        break;
      case "prefixlen":
        wanted.prefix = prefixLength(argument(), wanted.family === "inet" ? 32 : 128);
        break;
      case "broadcast":
        argument();
        break;
      case "inet":
      case "inet6":
      case "arp":
      case "-arp":
      case "debug":
      case "-debug":
      case "autoconf":
      case "-autoconf":
      case "link0":
      case "link1":
      case "link2":
      case "-link0":
      case "-link1":
      case "-link2":
      case "eui64":
        throw new Unable(`ifconfig ${parameter} in this place`);
      default:
        if (LATER.includes(parameter)) throw new Unable(`ifconfig ${parameter}`);
        if (wanted.address !== undefined) throw new Refusal(`ifconfig: ${parameter}: bad value`);
        address(parameter, wanted);
    }
  }
  if (wanted.address !== undefined || wanted.mode === "delete") setAddress(network, name, wanted);
  return { status: 0, stderr: warnings };
}

function group(network: Network, name: string, parameter: "group" | "-group", wanted: string): void {
  if (/\d$/.test(wanted)) throw new Refusal(`ifconfig: setifgroup: group names may not end in a digit`);
  if (wanted.length >= 16) throw new Refusal("ifconfig: setifgroup: group name too long");
  const one = attempt(`${wanted}: ${parameter === "group" ? "SIOCAIFGROUP" : "SIOCDIFGROUP"}`, () => network.get(name));
  const others = one.groups.filter((other) => other !== wanted);
  if (parameter === "-group" && others.length === one.groups.length) {
    throw new Refusal(`ifconfig: ${wanted}: SIOCDIFGROUP: No such file or directory`);
  }
  one.groups = parameter === "group" ? [...others, wanted] : others;
  network.changed();
}

function address(text: string, wanted: Wanted): void {
  const [host = "", bits] = text.split("/");
  if (!isAddress(host)) {
    throw new Refusal(
      `ifconfig: ${text}: ${wanted.family === "inet" ? "bad value" : "no address associated with name"}`,
    );
  }
  if (familyOf(host) !== wanted.family) {
    throw new Refusal(
      `ifconfig: ${text}: ${wanted.family === "inet" ? "bad value" : "non-recoverable failure in name resolution"}`,
    );
  }
  wanted.address = canonicalAddress(host);
  if (bits !== undefined) wanted.prefix = prefixLength(bits, wanted.family === "inet" ? 32 : 128);
}

function setAddress(network: Network, name: string, { family, address: text, prefix, mode }: Wanted): void {
  const one = network.interfaces.get(name);
  if (one === undefined)
    throw new Refusal(`ifconfig: ${mode === "alias" ? "SIOCAIFADDR" : "SIOCDIFADDR"}: Device not configured`);
  const first = one.addresses.find(({ address: other }) => familyOf(other) === family)?.address;
  if (mode === "delete") {
    const target = text ?? first;
    attempt("SIOCDIFADDR", () => (target === undefined ? nothingThere() : network.removeAddress(name, target)));
    return;
  }
  if (text === undefined) return;
  if (mode === "replace" && family === "inet" && first !== undefined && first !== text)
    network.removeAddress(name, first);
  const bits = prefix ?? (family === "inet6" ? 64 : classOf(text));
  attempt("SIOCAIFADDR", () => network.addAddress(name, { address: text, prefix: bits }));
}

function shown(network: Network, name: string, all: boolean, { family, explicitFamily }: Wanted): Reply {
  const list = [...network.interfaces.values()];
  const chosen = all
    ? list
    : list.filter((one) =>
        /\d$/.test(name)
          ? one.name === name
          : network.groupsOf(one).includes(name) || one.name.replace(/\d+$/, "") === name,
      );
  if (chosen.length === 0) return { status: 1, stderr: `${name}: no such interface\n` };
  return done(chosen.map((one) => showInterface(network, one, { all, ...(explicitFamily && { family }) })).join(""));
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Errno) throw new Refusal(`ifconfig: ${what}: ${error.message}`);
    throw error;
  }
}

function fail(message: string): never {
  throw new Refusal(message);
}

function nothingThere(): never {
  throw new Errno("EADDRNOTAVAIL");
}

function isAddress(text: string): boolean {
  try {
    return addressBytes(text).length > 0;
  } catch {
    return false;
  }
}

function prefixLength(text: string, most: number): number {
  if (!/^\d+$/.test(text) || Number(text) > most)
    throw new Refusal(`ifconfig: prefixlen ${text}: ${/^\d+$/.test(text) ? "too large" : "invalid"}`);
  return Number(text);
}

/** `255.255.255.0`, `0xffffff00` */
function maskBits(text: string): number {
  const dotted = /^0x[\da-f]{1,8}$/i.test(text)
    ? [24, 16, 8, 0].map((shift) => (Number(text) >>> shift) & 255).join(".")
    : text;
  if (!isAddress(dotted) || dotted.includes(":")) throw new Refusal(`ifconfig: ${text}: bad value`);
  const bits = [...addressBytes(dotted)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  if (/01/.test(bits)) throw new Refusal(`ifconfig: ${text}: non-contiguous mask`);
  return bits.indexOf("0") < 0 ? 32 : bits.indexOf("0");
}

/** netinet/in.c: without a mask, the one of the address's old class. */
function classOf(text: string): number {
  const first = addressBytes(text)[0] ?? 0;
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}

/** For others who need a network of an address. */
export const networkOf = (text: string, prefix: number): string => parsePrefix(`${text}/${prefix}`).network;
export type { Call };
