/**
 * What ifconfig(8) of OpenBSD prints, as records. Lines that say nothing about names, groups and addresses
 * (`lladdr`, `media`, `status` …) are passed over.
 *
 * @example
 * parseIfconfig("lo0: flags=8049<UP,LOOPBACK> mtu 32768\n\tgroups: lo\n\tinet 127.0.0.1 netmask 0xff000000\n")
 */

import { addressOf } from "../engine/tables/address.ts";
import type { Interface } from "../ruleset.ts";
import { InterfacesError } from "./interfaces-error.ts";

interface Open {
  readonly name: string;
  readonly groups: string[];
  readonly addresses: Interface["addresses"][number][];
  readonly loopback: boolean;
  readonly rdomain: number | undefined;
}

export function parseIfconfig(text: string): readonly Interface[] {
  const found: Open[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const head = /^([a-z]+\d+): flags=\w+<([\w,]*)>(.*)$/.exec(line);
    if (head !== null) {
      const [, name = "", flags = "", rest = ""] = head;
      const rdomain = /\brdomain (\d+)/.exec(rest)?.[1];
      found.push({
        name,
        groups: [],
        addresses: [],
        loopback: flags.split(",").includes("LOOPBACK"),
        rdomain: rdomain === undefined ? undefined : Number(rdomain),
      });
      return;
    }
    const words = line.trim().split(/\s+/);
    const [keyword] = words;
    if (keyword !== "groups:" && keyword !== "inet" && keyword !== "inet6") return;
    const open = found.at(-1);
    if (open === undefined) throw new InterfacesError(`${keyword} before any interface`, index + 1);
    if (keyword === "groups:") open.groups.push(...words.slice(1));
    else open.addresses.push(address(words, index + 1));
  });
  return found.map(({ loopback, rdomain, ...one }) => ({
    ...one,
    ...(loopback && { loopback }),
    ...(rdomain !== undefined && { rdomain }),
  }));
}

/** `inet 10.0.0.1 --> 10.0.0.2 netmask 0xffffffff`, `inet6 fe80::1%em0 prefixlen 64 scopeid 0x1` */
function address(words: readonly string[], line: number): Interface["addresses"][number] {
  const [family, given = ""] = words;
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const peer = after("-->");
  const broadcast = after("broadcast");
  const prefix = family === "inet" ? bitsOf(after("netmask")) : Number(after("prefixlen") ?? 128);
  try {
    return {
      address: addressOf(given.replace(/%.*$/, "")).text,
      prefix: prefix ?? 32,
      ...(broadcast !== undefined && { broadcast }),
      ...(peer !== undefined && { peer: peer.replace(/%.*$/, "") }),
    };
  } catch {
    throw new InterfacesError(`"${given}" is no ${family} address`, line);
  }
}

/** `0xffffff00` or `255.255.255.0` */
function bitsOf(netmask: string | undefined): number | undefined {
  if (netmask === undefined) return undefined;
  const value = netmask.startsWith("0x")
    ? Number(netmask)
    : netmask.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return value.toString(2).replaceAll("0", "").length;
}
