/** An interface as ifconfig(8) prints it: as seen on an OpenBSD 7.8 kernel. */

import { addressBytes, addressText, familyOf } from "../../../harness/net/wire/address.ts";
import type { GuestInterface, Network } from "../kernel/network.ts";

/** net/if.h: IFF_*. */
const FLAG = {
  UP: 0x1,
  BROADCAST: 0x2,
  LOOPBACK: 0x8,
  RUNNING: 0x40,
  PROMISC: 0x100,
  SIMPLEX: 0x800,
  MULTICAST: 0x8000,
  LRO: 0x200_0000,
} as const;

export interface ShowOptions {
  /** `ifconfig -a`: bridges say less. */
  readonly all: boolean;
  readonly family?: "inet" | "inet6";
}

export function showInterface(network: Network, one: GuestInterface, { all, family }: ShowOptions): string {
  const lines: string[] = [];
  const rdomain = one.rdomain === 0 ? "" : ` rdomain ${one.rdomain}`;
  lines.push(`${one.name}: flags=${flagsOf(one)}${rdomain}${one.mtu === 0 ? "" : ` mtu ${one.mtu}`}`);
  if (one.lladdr !== undefined) lines.push(`\tlladdr ${one.lladdr}`);
  if (one.description !== "") lines.push(`\tdescription: ${one.description}`);
  lines.push(`\tindex ${one.index}${one.kind === "veb" ? "" : " priority 0"} llprio 3`);
  if (one.patch !== undefined) lines.push(`\tpatch: ${one.patch}`);
  const groups = network.groupsOf(one);
  if (groups.length > 0) lines.push(`\tgroups: ${groups.join(" ")}`);
  if (one.kind === "pair" || one.kind === "vio") {
    const linked = one.kind === "vio" || one.patch !== undefined;
    lines.push("\tmedia: Ethernet autoselect", `\tstatus: ${linked ? "active" : "no carrier"}`);
  }
  for (const address of addressesOf(one))
    if (family === undefined || familyOf(address.address) === family) lines.push(addressLine(one, address));
  if (one.kind === "veb") lines.push(...ports(network, one, all));
  return lines.map((text) => `${text}\n`).join("");
}

function flagsOf({ kind, up, bridge }: GuestInterface): string {
  const names: (keyof typeof FLAG)[] = [];
  if (up) names.push("UP");
  if (kind === "lo") names.push("LOOPBACK");
  else if (kind !== "enc" && kind !== "pflog") names.push("BROADCAST");
  if (up) names.push("RUNNING");
  // veb(4) wants to see everything that comes to its ports.
  if (bridge !== undefined) names.push("PROMISC");
  if (kind === "veb" || kind === "vport" || kind === "pair" || kind === "vio") names.push("SIMPLEX");
  if (kind !== "enc" && kind !== "pflog") names.push("MULTICAST");
  if (kind === "lo") names.push("LRO");
  const value = names.reduce((sum, name) => sum | FLAG[name], 0);
  return `${value.toString(16)}<${names.join(",")}>`;
}

/** The kernel adds a link-local address to whoever speaks IPv6. */
function addressesOf(
  one: GuestInterface,
): readonly { readonly address: string; readonly prefix: number; readonly scope?: number }[] {
  const speaks = one.addresses.some(({ address }) => familyOf(address) === "inet6");
  if (!speaks) return one.addresses;
  if (one.kind === "lo") {
    const six = one.addresses.filter(({ address }) => familyOf(address) === "inet6");
    const four = one.addresses.filter(({ address }) => familyOf(address) === "inet");
    return [...six, { address: "fe80::1", prefix: 64, scope: one.index }, ...four];
  }
  const local = { address: linkLocal(one.lladdr ?? ""), prefix: 64, scope: one.index };
  const at = one.addresses.findIndex(({ address }) => familyOf(address) === "inet6");
  return [...one.addresses.slice(0, at), local, ...one.addresses.slice(at)];
}

/** RFC 4291, appendix A: the EUI-64 of the hardware address. */
function linkLocal(lladdr: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = lladdr.split(":").map((part) => Number.parseInt(part, 16));
  return addressText(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f));
}

function addressLine(
  one: GuestInterface,
  { address, prefix, scope }: { readonly address: string; readonly prefix: number; readonly scope?: number },
): string {
  if (familyOf(address) === "inet6") {
    return `\tinet6 ${address}${scope === undefined ? "" : `%${one.name}`} prefixlen ${prefix}${scope === undefined ? "" : ` scopeid 0x${scope.toString(16)}`}`;
  }
  const mask = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
  const text = `\tinet ${address} netmask 0x${mask.toString(16)}`;
  if (one.kind === "lo" || prefix >= 31) return text;
  const bytes = addressBytes(address).map((byte, index) => byte | (~(mask >>> (24 - 8 * index)) & 255));
  return `${text} broadcast ${addressText(bytes)}`;
}

function ports(network: Network, { ports: names }: GuestInterface, all: boolean): string[] {
  const lines = names.flatMap((name) => {
    const port = network.get(name);
    return [`\t${name} flags=3<LEARNING,DISCOVER>`, `\t\tport ${port.index} ifpriority 0 ifcost 0`];
  });
  return all ? lines : [...lines, "\tAddresses (max cache: 100, timeout: 240):"];
}
