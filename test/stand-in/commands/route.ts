/**
 * route(8): add, change, delete, get, flush, show and exec, each in the table that -T names.
 *
 * @example
 * route(call(["-T", "1", "-qn", "add", "-inet", "default", "10.0.0.1"]), machine);
 */

import { type Prefix, parsePrefix } from "../../../harness/net/ip/prefix.ts";
import { addressBytes, canonicalAddress, familyOf } from "../../../harness/net/wire/address.ts";
import { getopt } from "../../../proxy/command-line.ts";
import { Errno } from "../kernel/errno.ts";
import type { Network } from "../kernel/network.ts";
import { type Command, done, Refusal, type Reply, Unable } from "./command.ts";
import { routingTables } from "./netstat.ts";
import { routeGet } from "./route-get.ts";

const USAGE = "usage: route [-dnqtv] [-T rtable] command [[modifier ...] arg ...]";
/** route(8): modifiers that the stand-in does nothing about. */
const LATER = [
  "link",
  "llinfo",
  "lock",
  "lockrest",
  "mpath",
  "mtu",
  "expire",
  "ifa",
  "ifp",
  "label",
  "priority",
  "iface",
  "interface",
  "blackhole",
  "cloning",
  "nostatic",
];

interface Asked {
  readonly destination: Prefix;
  readonly host: boolean;
  readonly gateway?: string;
  readonly reject: boolean;
  /** As they were written. */
  readonly words: readonly [destination: string, gateway: string];
}

export const route: Command = ({ args, uid, rdomain: own }, machine) => {
  const { network } = machine;
  let rest = [...args];
  let table = own;
  let quiet = false;
  for (const found of getopt(args, "dnqtT:v")) {
    if ("problem" in found) throw new Refusal(`route: ${found.problem}\n${USAGE}`);
    // A word may hold several options.
    if (found.option === "q") quiet = true;
    if (found.option === "d" || found.option === "t") throw new Unable(`route -${found.option}`);
    if (found.option !== "T") continue;
    const text = found.argument ?? "";
    if (!/^\d+$/.test(text)) throw new Refusal("route: invalid table id: invalid");
    if (Number(text) > 255) throw new Refusal("route: invalid table id: too large");
    table = Number(text);
  }
  rest = rest.slice(optionWords(args));
  const [command, ...words] = rest;
  if (command === undefined) throw new Refusal(USAGE);
  if (!network.rdomains.has(table) && command !== "add") {
    throw new Refusal(`route: routing table ${table}: No such file or directory`);
  }
  switch (command) {
    case "exec":
      if (words.length === 0) throw new Refusal(USAGE);
      if (uid !== 0 && own !== 0) throw new Refusal("route: setrtable: Operation not permitted");
      return machine.execIn(table, words);
    case "add":
    case "change":
    case "delete":
    case "del":
      if (uid !== 0) throw new Refusal("route: must be root to alter routing table");
      return alter(network, command, table, words, quiet);
    case "get": {
      const { destination, host } = read(words);
      return routeGet(network, table, destination, host);
    }
    case "flush": {
      if (uid !== 0) throw new Refusal("route: must be root to alter routing table");
      const family = words[0] === "-inet" ? "inet" : words[0] === "-inet6" ? "inet6" : undefined;
      const gone = network.routes.filter(
        (one) => one.rdomain === table && (family === undefined || one.destination.family === family),
      );
      for (const one of gone) network.deleteRoute(table, one.destination);
      return done(
        quiet
          ? ""
          : gone
              .map(
                ({ destination, gateway }) =>
                  `${destination.length === 0 ? "default" : destination.network}`.padEnd(20) +
                  `${gateway.padEnd(20)} done\n`,
              )
              .join(""),
      );
    }
    case "show":
      return done(
        routingTables(
          network,
          table,
          words.includes("-inet") ? "inet" : words.includes("-inet6") ? "inet6" : undefined,
        ),
      );
    case "monitor":
    case "nameserver":
    case "sourceaddr":
      throw new Unable(`route ${command}`);
    default:
      throw new Refusal(`route: botched keyword: ${command}\n${USAGE}`);
  }
};

/** How many words options take. */
function optionWords(args: readonly string[]): number {
  let at = 0;
  while (at < args.length && /^-./.test(args[at] ?? "")) {
    const word = args[at] ?? "";
    if (word === "--") return at + 1;
    const table = word.indexOf("T");
    at += table === word.length - 1 ? 2 : 1;
  }
  return at;
}

function alter(network: Network, command: string, table: number, words: readonly string[], quiet: boolean): Reply {
  const asked = read(words);
  const { destination, gateway, reject } = asked;
  let problem = "";
  try {
    if (!network.rdomains.has(table)) throw new Errno("ENETUNREACH");
    if (command === "add") {
      if (gateway === undefined) throw new Errno("EINVAL");
      network.addRoute({ rdomain: table, destination, gateway, reject });
    } else if (command === "change") {
      if (gateway === undefined) throw new Errno("EINVAL");
      network.deleteRoute(table, destination);
      network.addRoute({ rdomain: table, destination, gateway, reject });
    } else network.deleteRoute(table, destination, gateway);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    problem = error.code === "ESRCH" ? "not in table" : error.message;
  }
  const [to, by] = asked.words;
  const line = `${command} ${asked.host ? "host" : "net"} ${to}${by === "" ? "" : `: gateway ${by}`}${problem === "" ? "" : `: ${problem}`}\n`;
  return { status: problem === "" ? 0 : 1, stdout: quiet ? "" : line };
}

function read(words: readonly string[]): Asked {
  const rest = [...words];
  let family: "inet" | "inet6" | undefined;
  let bits: number | undefined;
  let host: boolean | undefined;
  let reject = false;
  const operands: string[] = [];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith("-")) {
      if (operands.length === 2) throw new Refusal(USAGE);
      operands.push(word);
      continue;
    }
    const keyword = word.slice(1);
    const argument = (): string => rest.shift() ?? botched(keyword);
    switch (keyword) {
      case "inet":
      case "inet6":
        family = keyword;
        break;
      case "host":
        host = true;
        break;
      case "net":
        host = false;
        break;
      case "static":
        break;
      case "reject":
        reject = true;
        break;
      case "prefixlen":
        if (operands.length === 0) throw new Refusal("route: -prefixlen must follow destination parameter");
        bits = Number(argument());
        break;
      case "netmask": {
        if (operands.length === 0) throw new Refusal("route: -netmask must follow destination parameter");
        const mask = [...addressBytes(argument())].map((byte) => byte.toString(2).padStart(8, "0")).join("");
        bits = mask.indexOf("0") < 0 ? mask.length : mask.indexOf("0");
        break;
      }
      case "gateway":
      case "dst":
        operands.push(argument());
        break;
      default:
        if (LATER.includes(keyword)) throw new Unable(`route -${keyword}`);
        botched(keyword);
    }
  }
  const [to, by] = operands;
  if (to === undefined) throw new Refusal(USAGE);
  const destination = destinationOf(to, family, bits, host);
  if (host === false && destination.length === undefined) throw new Refusal("route: netmask missing");
  return {
    destination: destination.prefix,
    host: host ?? destination.host,
    ...(by !== undefined && { gateway: addressIn(by, family) }),
    reject,
    words: [to, by ?? ""],
  };
}

function destinationOf(
  text: string,
  family: "inet" | "inet6" | undefined,
  bits: number | undefined,
  host: boolean | undefined,
) {
  if (text === "default") {
    return { prefix: parsePrefix(family === "inet6" ? "::/0" : "0.0.0.0/0"), host: false, length: 0 };
  }
  const [address = "", given] = text.split("/");
  const whole = addressIn(address, family);
  const most = familyOf(whole) === "inet" ? 32 : 128;
  const length = bits ?? (given === undefined ? undefined : Number(given));
  if (length !== undefined && !(length >= 0 && length <= most)) throw new Refusal(`route: ${text}: bad value`);
  const isHost = length === undefined || host === true || length === most;
  return { prefix: parsePrefix(`${whole}/${length ?? most}`), host: isHost, length };
}

function addressIn(text: string, family: "inet" | "inet6" | undefined): string {
  const wanted = family ?? familyOf(text);
  try {
    if (familyOf(text) === wanted) return canonicalAddress(text);
  } catch {
    // No address.
  }
  throw new Refusal(`route: ${text}: ${wanted === "inet" ? "bad address" : "no address associated with name"}`);
}

function botched(keyword: string): never {
  throw new Refusal(`route: botched keyword: ${keyword}\n${USAGE}`);
}
