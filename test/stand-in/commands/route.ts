/**
 * route(8), as the scripts of vm/ and the lab call it: add, delete, get and exec, in the table that -T names. Any
 * other use is Unable.
 *
 * @example
 * route(call(["-T", "1", "-qn", "add", "-inet", "default", "10.0.0.1"]), machine);
 */

import { type Prefix, parsePrefix } from "../../../harness/net/ip/prefix.ts";
import { familyOf } from "../../../harness/net/wire/address.ts";
import type { Network } from "../kernel/network.ts";
import { type Command, done, Refusal, type Reply, Unable } from "./command.ts";

export const route: Command = ({ args, uid, rdomain }, machine) => {
  const words = [...args];
  let table = rdomain;
  while (words[0]?.startsWith("-")) if (words.shift() === "-T") table = Number(words.shift());
  const command = words.shift();
  if (!machine.network.rdomains.has(table)) {
    throw new Refusal(`route: routing table ${table}: No such file or directory`);
  }
  if (command === "exec") return machine.execIn(table, words);
  if (command === "get") return get(machine.network, table, words.at(-1) ?? "default");
  if (command !== "add" && command !== "delete") throw new Unable(`route ${args.join(" ")}`);
  if (uid !== 0) throw new Refusal("route: must be root to alter routing table");
  return alter(machine.network, command, table, words);
};

function alter(network: Network, command: "add" | "delete", table: number, words: readonly string[]): Reply {
  const operands: string[] = [];
  let length: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "-prefixlen") length = words[++at];
    else if (!word.startsWith("-")) operands.push(word);
    else if (!["-inet", "-inet6", "-net", "-reject"].includes(word)) throw new Unable(`route ${word}`);
  }
  const [to = "default", gateway = ""] = operands;
  const destination = prefixOf(to, length, words.includes("-inet6"));
  const problem =
    command === "add"
      ? network.addRoute({ rdomain: table, destination, gateway, reject: words.includes("-reject") })
      : network.deleteRoute(table, destination);
  if (problem !== undefined) throw new Refusal(`${command} net ${to}: ${problem}`);
  return done();
}

function prefixOf(text: string, length: string | undefined, inet6: boolean): Prefix {
  if (text === "default") return parsePrefix(inet6 ? "::/0" : "0.0.0.0/0");
  return parsePrefix(length === undefined ? text : `${text}/${length}`);
}

/** As far as scripts read it. */
function get(network: Network, table: number, wanted: string): Reply {
  const destination = wanted === "default" ? "0.0.0.0" : wanted;
  const way = network.lookup(table, destination);
  if (way === undefined || way === "reject") throw new Refusal(`get host ${wanted}: not in table`);
  const on = network.get(way.interface).addresses.find(({ address }) => familyOf(address) === familyOf(destination));
  return done(
    `   route to: ${destination}\n    gateway: ${way.nextHop}\n  interface: ${way.interface}\n if address: ${on?.address}\n`,
  );
}
