/** netstat(1) -r: routing tables; columns as measured on 7.8. */

import { addressBytes, familyOf } from "../../../harness/net/wire/address.ts";
import { getopt } from "../../../proxy/command-line.ts";
import type { Network } from "../kernel/network.ts";
import { type Command, done, Refusal, Unable } from "./command.ts";

const USAGE =
  "usage: netstat [-AaBln] [-M core] [-N system] [-p protocol] [-T rtable]\n       netstat -W interface\n       netstat -m\n       netstat -I interface | -i [-bdehnqt] [-c count] [-f address_family]";

export const netstat: Command = ({ args, rdomain }, { network }) => {
  let table = rdomain;
  let family: "inet" | "inet6" | undefined;
  let routes = false;
  for (const found of getopt(args, "AaBbc:deFf:ghI:iLlM:mN:np:qRrsT:tuvW:w:")) {
    if ("problem" in found) throw new Refusal(`netstat: ${found.problem}\n${USAGE}`);
    if (found.option === "r") routes = true;
    if (found.option === "T") table = Number(found.argument);
    if (found.option === "f") family = found.argument as "inet" | "inet6";
  }
  if (!routes) throw new Unable(`netstat ${args.join(" ")}`);
  return done(routingTables(network, table, family));
};

export function routingTables(network: Network, table: number, only?: "inet" | "inet6"): string {
  const lines = ["Routing tables"];
  for (const family of ["inet", "inet6"] as const) {
    if (only !== undefined && only !== family) continue;
    const width = family === "inet" ? 18 : 43;
    const rows = rowsOf(network, table, family);
    if (rows.length === 0) continue;
    const row = (cells: readonly string[]) => {
      const [to = "", by = "", flags = "", mtu = "", priority = "", name = ""] = cells;
      return `${to.padEnd(width)} ${by.padEnd(width)} ${flags.padEnd(6)} ${"0".padStart(5)} ${"0".padStart(8)} ${mtu.padStart(5)}  ${priority.padStart(4)} ${name.padEnd(5)}`;
    };
    lines.push("", family === "inet" ? "Internet:" : "Internet6:");
    lines.push(
      `${"Destination".padEnd(width)} ${"Gateway".padEnd(width)} ${"Flags".padEnd(6)} ${"Refs".padStart(5)} ${"Use".padStart(8)} ${"Mtu".padStart(5)}  ${"Prio".padStart(4)} Iface`,
    );
    lines.push(...rows.map(row));
  }
  return `${lines.join("\n")}\n`;
}

function rowsOf(network: Network, table: number, family: "inet" | "inet6"): string[][] {
  const rows: string[][] = [];
  for (const route of network.routes) {
    if (route.rdomain !== table || route.destination.family !== family) continue;
    const flags = `UG${route.reject ? "R" : ""}S`;
    rows.push([
      shortened(route.destination.network, route.destination.length),
      route.gateway,
      flags,
      route.interface.startsWith("lo") ? "32768" : "-",
      "8",
      route.interface,
    ]);
  }
  for (const one of network.interfaces.values()) {
    if (one.rdomain !== table) continue;
    for (const { address, prefix } of one.addresses) {
      if (familyOf(address) !== family) continue;
      if (one.kind === "lo") rows.push([address, address, "UHl", "32768", "1", one.name]);
      else {
        rows.push([shortened(address, prefix), address, "UCn", "-", "4", one.name]);
        rows.push([address, one.lladdr ?? "", "UHLl", "-", "1", one.name]);
      }
    }
  }
  return rows;
}

/** As netstat(1) writes networks: `10.0.0/24`. */
function shortened(address: string, prefix: number): string {
  if (prefix === 0) return "default";
  if (familyOf(address) === "inet6")
    return prefix === 128 ? address : `${address.replace(/::[\da-f]*$/, "::")}/${prefix}`;
  if (prefix === 32) return address;
  return `${[...addressBytes(address)].slice(0, Math.ceil(prefix / 8)).join(".")}/${prefix}`;
}
