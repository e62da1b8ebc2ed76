/**
 * One state as a line of `pfctl -ss`.
 *
 * @example
 * "all tcp 203.0.113.9:61200 (10.0.0.5:51022) -> 198.51.100.7:21       ESTABLISHED:ESTABLISHED"
 */

import { protocolName } from "../../language/names/protocols.ts";
import { PROTOCOL } from "../../packet.ts";
import { type Slot, type State, StateKey } from "./state.ts";

/** tcp_fsm.h: TCPSTATES. */
const TCP_LEVELS = [
  "CLOSED",
  "LISTEN",
  "SYN_SENT",
  "SYN_RCVD",
  "ESTABLISHED",
  "CLOSE_WAIT",
  "FIN_WAIT_1",
  "CLOSING",
  "LAST_ACK",
  "FIN_WAIT_2",
  "TIME_WAIT",
];
const LEVELS = ["NO_TRAFFIC", "SINGLE", "MULTIPLE"];

export function stateLine(state: State): string {
  const { wire, stack, direction, nextHop, rule } = state;
  const incoming = direction === "in";
  // Across families the far side is an outgoing connection: its slots are the other way round.
  const crossed = wire.family !== stack.family;
  const network = incoming ? stack : wire;
  const inside = withShownPort(incoming ? wire : stack, network, incoming ? 1 : 0);
  const near = crossed ? crossedEnds(network, inside) : [ends(network, inside, 1), ends(network, inside, 0)];
  let left = near[0] as string;
  const right = near[1] as string;
  if (nextHop !== undefined && rule.filter?.route !== undefined && incoming) left += ` {${nextHop}}`;
  const hop = nextHop !== undefined && !incoming ? ` {${nextHop}}` : "";
  const arrow = incoming && !crossed ? "<-" : "->";
  const { protocol } = incoming ? wire : stack;
  const name = protocolName(protocol) ?? `${protocol}`;
  return `${state.interface} ${name} ${left}${hop} ${arrow} ${right}       ${levels(state)}`;
}

function ends(network: StateKey, inside: StateKey, slot: 0 | 1): string {
  const shown = host(network, slot);
  const other = host(inside, slot);
  return shown === other && network.rdomain === inside.rdomain ? shown : `${shown} (${other})`;
}

const crossedEnds = (network: StateKey, inside: StateKey): readonly [string, string] => [
  `${host(network, 1)} (${host(inside, 0)})`,
  `${host(network, 0)} (${host(inside, 1)})`,
];

/** pfctl shows the far port of an ICMP state, its type, as on the network side. */
function withShownPort(inside: StateKey, network: StateKey, slot: 0 | 1): StateKey {
  if (inside === network || (inside.protocol !== PROTOCOL.icmp && inside.protocol !== PROTOCOL.icmp6)) return inside;
  const end = (which: Slot) => ({
    address: inside.address(which),
    port: (which === slot ? network : inside).port(which),
  });
  return new StateKey(inside.family, inside.protocol, inside.rdomain, end(0), end(1));
}

function host(key: StateKey, slot: 0 | 1): string {
  const domain = key.rdomain === 0 ? "" : `(${key.rdomain}) `;
  const address = key.address(slot);
  const port = key.port(slot);
  if (port === 0) return domain + address;
  return domain + (key.family === "inet" ? `${address}:${port}` : `${address}[${port}]`);
}

function levels({ src, dst, direction, wire }: State): string {
  const { protocol } = wire;
  if (protocol === PROTOCOL.tcp) {
    if (src.level === 11 || dst.level === 11) return "PROXY:SRC";
    if (src.level === 12 || dst.level === 12) return "PROXY:DST";
  }
  const names = protocol === PROTOCOL.tcp ? TCP_LEVELS : LEVELS;
  const icmp = protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6;
  const name = (level: number) => (icmp ? `${level}` : (names[level] ?? `${level}`));
  return direction === "out" ? `${name(src.level)}:${name(dst.level)}` : `${name(dst.level)}:${name(src.level)}`;
}
