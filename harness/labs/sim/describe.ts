/**
 * The state of a host, for debugging: interfaces, routes, listeners and
 * connections, as ifconfig(8), route(8) and netstat(1) would print them.
 *
 * @example
 * console.log(describe(client));
 * // client
 * //   em0 10.0.0.5/24 2001:db8:1::5/64 mtu 1500
 * //   tcp 10.0.0.5.40000 198.51.100.7.21 ESTABLISHED unacked 0 pending 0 unread 0
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { TcpConnection } from "../../net/tcp/connection.ts";
import type { SimHost } from "./host.ts";

export function describe(host: SimHost): string {
  const { node, tcp } = host;
  const lines = [
    ...[...node.interfaces.values()].map(
      ({ name, addresses, mtu }) =>
        `${name} ${addresses.map(({ address, prefix }) => `${address}/${prefix}`).join(" ")} mtu ${mtu}`,
    ),
    ...node.routes.routes
      .filter(({ gateway }) => gateway !== undefined)
      .map(({ prefix, gateway, interface: by }) => `route ${prefix} ${gateway} ${by}`),
    ...tcp.listeners.map(
      ({ address, port, halfOpen }) => `tcp ${address ?? "*"}.${port} *.* LISTEN half-open ${halfOpen.size}`,
    ),
    ...tcp.connections.map(connectionLine),
  ];
  return [host.name, ...lines.map((line) => `  ${line}`)].join("\n");
}

function connectionLine(connection: TcpConnection): string {
  const { local, remote, state, una, max, pending, receiveQueue, rto } = connection;
  const amounts = `unacked ${max - Math.max(una, 0)} pending ${pending} unread ${receiveQueue.unread}`;
  const trip = rto.roundTrip === undefined ? "" : ` rtt ${rto.roundTrip.toFixed(1)} ms`;
  return `tcp ${dotted(local)} ${dotted(remote)} ${state} ${amounts}${trip}`;
}

/** As netstat(1): the port behind a dot. */
const dotted = ({ address, port }: Endpoint): string => `${address}.${port}`;
