/**
 * ifconfig(8), as the scripts of vm/ call it: makes and shows interfaces. Parameters take effect from left to right,
 * the address at the end. Any other use is Unable.
 *
 * @example
 * ifconfig(call(["pair1", "inet", "10.0.0.5", "netmask", "255.255.255.0", "up"]), machine);
 */

import { addressBytes, familyOf } from "../../../harness/net/wire/address.ts";
import type { GuestInterface, Network } from "../kernel/network.ts";
import { type Command, done, Refusal, type Reply, Unable } from "./command.ts";

export const ifconfig: Command = ({ args, uid }, { network }) => {
  const [name, ...words] = args;
  if (words.length === 0) return shown(network, name);
  if (name === undefined || uid !== 0) throw new Refusal("ifconfig: Operation not permitted");
  if (words[0] === "create") network.create(name);
  else if (words[0] === "destroy") network.destroy(name);
  else change(network, name, words);
  return done();
};

function change(network: Network, name: string, words: readonly string[]): void {
  const one = network.get(name);
  const rest = [...words];
  let address: string | undefined;
  let prefix: number | undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const argument = (): string => rest.shift() ?? "";
    if (word === "up") network.setUp(name, true);
    else if (word === "rdomain") network.setRdomain(name, Number(argument()));
    else if (word === "patch") network.setPatch(name, argument());
    else if (word === "add") network.addPort(name, argument());
    else if (word === "description") one.description = argument();
    else if (word === "group") {
      one.groups = [...new Set([...one.groups, argument()])];
      network.changed();
    } else if (word === "netmask") prefix = maskBits(argument());
    else if (word === "prefixlen") prefix = Number(argument());
    else if (/^[\da-f.:]+(\/\d+)?$/.test(word)) {
      const [text, bits] = word.split("/");
      address = text;
      if (bits !== undefined) prefix = Number(bits);
    } else if (word !== "inet" && word !== "inet6") throw new Unable(`ifconfig ${word}`);
  }
  if (address !== undefined) network.addAddress(name, { address, prefix: prefix ?? 64 });
}

/** All interfaces, one, or those of a group. */
function shown(network: Network, name: string | undefined): Reply {
  const chosen = [...network.interfaces.values()].filter(
    (one) => name === undefined || one.name === name || network.groupsOf(one).includes(name),
  );
  if (chosen.length === 0) return { status: 1, stderr: `${name}: no such interface\n` };
  return done(chosen.map((one) => lines(network, one).join("")).join(""));
}

/** As far as scripts read it. */
function lines(network: Network, one: GuestInterface): string[] {
  const groups = network.groupsOf(one);
  return [
    `${one.name}: flags=${one.up ? "8843<UP,BROADCAST,RUNNING>" : "8802<BROADCAST>"}`,
    ...(one.rdomain === 0 ? [] : [` rdomain ${one.rdomain}`]),
    ` mtu ${one.mtu}\n`,
    ...(one.description === "" ? [] : [`\tdescription: ${one.description}\n`]),
    ...(one.patch === undefined ? [] : [`\tpatch: ${one.patch}\n`]),
    ...(groups.length === 0 ? [] : [`\tgroups: ${groups.join(" ")}\n`]),
    ...one.addresses.map(({ address, prefix }) =>
      familyOf(address) === "inet6"
        ? `\tinet6 ${address} prefixlen ${prefix}\n`
        : `\tinet ${address} netmask 0x${((0xffff_ffff << (32 - prefix)) >>> 0).toString(16)}\n`,
    ),
    ...one.ports.map((port) => `\t${port} flags=3<LEARNING,DISCOVER>\n`),
  ];
}

/** `255.255.255.0` */
const maskBits = (text: string): number =>
  [...addressBytes(text)].map((byte) => byte.toString(2).replaceAll("0", "")).join("").length;
