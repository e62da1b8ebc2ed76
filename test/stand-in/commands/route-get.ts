/**
 * `route -n get`: the row of a routing table that a destination finds, as an OpenBSD 7.8 kernel answered.
 *
 * @example
 * routeGet(network, 0, parsePrefix("198.51.100.7/32"), true)
 */

import type { Prefix } from "../../../harness/net/ip/prefix.ts";
import { contains, parsePrefix } from "../../../harness/net/ip/prefix.ts";
import { addressBytes, addressText, familyOf } from "../../../harness/net/wire/address.ts";
import { type GuestInterface, type Network, WIRED } from "../kernel/network.ts";
import { done, type Reply } from "./command.ts";

interface Row {
  readonly destination: Prefix;
  readonly gateway?: string;
  readonly interface: string;
  /** The interface's own address on this way. */
  readonly own: string;
  readonly priority: string;
  readonly flags: string;
  readonly mtu: number;
}

const LOOPBACK_MTU = 32_768;

export function routeGet(network: Network, table: number, wanted: Prefix, isHost: boolean): Reply {
  const fits = ({ destination }: Row) =>
    destination.family === wanted.family &&
    (isHost
      ? contains(destination, wanted.network)
      : destination.length === wanted.length && destination.network === wanted.network);
  const longest = (a: Row, b: Row) => b.destination.length - a.destination.length;
  const [row] = rowsOf(network, table).filter(fits).sort(longest);
  if (row === undefined) {
    const name = wanted.length === 0 ? "default" : wanted.network;
    return { status: 1, stdout: `get ${isHost ? "host" : "net"} ${name}: not in table\n` };
  }
  const { destination, gateway, own, priority, flags, mtu } = row;
  return done(
    [
      `   route to: ${wanted.network}`,
      `destination: ${destination.network}`,
      `       mask: ${maskOf(destination)}`,
      ...(gateway === undefined ? [] : [`    gateway: ${gateway}`]),
      `  interface: ${row.interface}`,
      ` if address: ${own}`,
      `   priority: ${priority}`,
      `      flags: <${flags}>`,
      "     use       mtu    expire",
      `${"0".padStart(8)}${String(mtu).padStart(10)}${"0".padStart(10)} `,
      "",
    ].join("\n"),
  );
}

function rowsOf(network: Network, table: number): Row[] {
  const here = [...network.interfaces.values()].filter((one) => one.rdomain === table && one.up);
  const rows = here.flatMap((one) =>
    one.addresses.flatMap(({ address, prefix }): Row[] => {
      const local = {
        destination: host(address),
        interface: one.name,
        own: address,
        priority: "1 (local)",
        flags: `UP,HOST,DONE,${one.kind === "lo" ? "" : "LLINFO,"}LOCAL`,
        mtu: one.kind === "lo" ? LOOPBACK_MTU : 0,
      };
      const connected = {
        ...local,
        destination: parsePrefix(`${address}/${prefix}`),
        priority: "4 (connected)",
        flags: "UP,DONE,CLONING,CONNECTED",
      };
      return WIRED.has(one.kind) ? [local, connected] : [local];
    }),
  );
  const added = network.routes
    .filter((one) => one.rdomain === table)
    .map(({ destination, gateway, reject, interface: name }): Row => {
      const by = network.interfaces.get(name);
      return {
        destination,
        gateway,
        interface: name,
        own: by === undefined ? "" : ownOf(by, destination.family),
        priority: "8 (static)",
        flags: `UP,GATEWAY,${reject ? "REJECT," : ""}DONE,STATIC`,
        mtu: by?.kind === "lo" ? LOOPBACK_MTU : 0,
      };
    });
  return [...rows, ...added];
}

const host = (address: string): Prefix => parsePrefix(`${address}/${familyOf(address) === "inet" ? 32 : 128}`);

const ownOf = ({ addresses }: GuestInterface, family: Prefix["family"]): string =>
  addresses.find(({ address }) => familyOf(address) === family)?.address ?? "";

/** In the notation of the family's addresses. */
function maskOf({ family, length }: Prefix): string {
  const bytes = addressBytes(family === "inet" ? "0.0.0.0" : "::").map((_, place) => {
    const bits = Math.min(8, Math.max(0, length - 8 * place));
    return 0xff & ~(0xff >> bits);
  });
  return addressText(bytes);
}
