/**
 * `pfctl -k` and `-K`: removes states and source nodes by host, network, label, id or key.
 */

import type { Firewall } from "../engine/firewall.ts";
import type { State } from "../engine/states/state.ts";
import { addressOf, inNetwork, type Network, networkOf } from "../engine/tables/address.ts";
import { protocolNumber } from "../language/names/protocols.ts";
import { stateId } from "../show/states.ts";
import type { Output } from "./output.ts";

export function killStates(firewall: Firewall, [first = "", second]: readonly string[], output: Output): void {
  const keyword = ["label", "id", "key"].find((word) => word === first);
  if (keyword !== undefined) {
    if (second === undefined) {
      output.error(`pfctl: no ${keyword} specified`);
      return;
    }
    const chosen = byKeyword(firewall, keyword, second);
    if (chosen === undefined) {
      output.error(`pfctl: invalid ${keyword}`);
      return;
    }
    output.say(`killed ${firewall.killStates(chosen)} states`);
    return;
  }
  const source = network(first);
  const destination = second === undefined ? undefined : network(second);
  if (source === undefined || (second !== undefined && destination === undefined)) {
    const bad = source === undefined ? first : second;
    output.error(`pfctl: getaddrinfo: ${bad}: non-recoverable failure in name resolution`);
    return;
  }
  const killed = firewall.killStates((state) => {
    const { from, to } = ends(state);
    return inside(from, source) && (destination === undefined || inside(to, destination));
  });
  output.say(`killed ${killed} states from 1 sources and ${destination === undefined ? 0 : 1} destinations`);
}

/** The ends of a state, as its first packet had them. */
function ends({ direction, wire, stack }: State) {
  const key = direction === "out" ? stack : wire;
  const [from, to] = direction === "out" ? ([1, 0] as const) : ([0, 1] as const);
  return { key, from: key.address(from), to: key.address(to), fromPort: key.port(from), toPort: key.port(to) };
}

function byKeyword(firewall: Firewall, keyword: string, value: string): ((state: State) => boolean) | undefined {
  if (keyword === "label") return ({ rule }) => rule.rule.label === value;
  if (keyword === "id") {
    const id = value.split("/")[0]?.padStart(16, "0");
    return (state) => stateId(firewall, state) === id;
  }
  // tcp 10.0.0.1:80 <- 10.0.0.2:4000
  const match = /^(\S+)\s+(\S+)[:[](\d+)\]?\s*(<-|->)\s*(\S+)[:[](\d+)\]?$/.exec(value);
  if (match === null) return undefined;
  const [, name = "", left = "", leftPort, arrow, right = "", rightPort] = match;
  const protocol = protocolNumber(name);
  const outgoing = arrow === "->";
  return (state) => {
    const { key, from, to, fromPort, toPort } = ends(state);
    const [source, sourcePort, target, targetPort] = outgoing
      ? [left, leftPort, right, rightPort]
      : [right, rightPort, left, leftPort];
    return (
      key.protocol === protocol &&
      (state.direction === "out") === outgoing &&
      from === source &&
      to === target &&
      fromPort === Number(sourcePort) &&
      toPort === Number(targetPort)
    );
  };
}

export function killSources(firewall: Firewall, [first = "", second]: readonly string[], output: Output): void {
  const source = network(first);
  const destination = second === undefined ? undefined : network(second);
  if (source === undefined) {
    output.error(`pfctl: getaddrinfo: ${first}: non-recoverable failure in name resolution`);
    return;
  }
  let killed = 0;
  for (const node of firewall.sources.list()) {
    if (!inside(node.address, source)) continue;
    if (destination !== undefined && (node.chosen === undefined || !inside(node.chosen, destination))) continue;
    for (const state of firewall.states()) {
      if (!state.sourceNodes.includes(node)) continue;
      state.sourceNodes = state.sourceNodes.filter((other) => other !== node);
      node.states--;
    }
    firewall.sources.remove(node);
    killed++;
  }
  output.say(`killed ${killed} src nodes from 1 sources and ${destination === undefined ? 0 : 1} destinations`);
}

function network(text: string): Network | undefined {
  const [address = "", prefix] = text.split("/");
  try {
    const { family } = addressOf(address);
    return networkOf(address, prefix === undefined ? (family === "inet" ? 32 : 128) : Number(prefix));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const inside = (address: string, { prefix, ...rest }: Network): boolean =>
  inNetwork(addressOf(address), { ...rest, prefix });
