/**
 * The hosts of a trial session: a client, the server it dials, the proxy's address, and the interfaces between them.
 * lint tries several sets of endpoints and keeps the one that gets furthest: a rule set need not serve every network.
 */

import { networkOf } from "../../pf/engine/tables/address.ts";
import type { Family } from "../../pf/packet.ts";
import { contains, hostOf, type Machine, networksBehind, PUBLIC_NETWORKS, parseNetwork } from "./machine.ts";
import { type Evidence, familyOfText, type Named } from "./rule-facts.ts";

export interface Endpoints {
  readonly family: Family;
  readonly client: string;
  readonly clientInterface: string;
  /** What the client dials: the server, or with `-R` the proxy. */
  readonly dialled: string;
  readonly server: string;
  readonly serverInterface: string;
  /** Where the proxy's connection to the server comes from. */
  readonly proxy: string;
}

/** More would be no better judged, only slower. */
const MOST_ENDPOINTS = 24;

/** Best guess first; empty if the machine has no address of that family on both sides. */
export function possibleEndpoints(
  machine: Machine,
  evidence: Evidence,
  family: Family,
  reverse: boolean,
): readonly Endpoints[] {
  const found: Endpoints[] = [];
  for (const inside of machine.inside) {
    for (const local of localHosts(machine, evidence, inside, family, reverse)) {
      for (const remote of remoteHosts(machine, evidence, family, reverse)) {
        if (reverse) found.push(...reverseEndpoints(machine, evidence, family, inside, local, remote));
        else found.push(...forwardEndpoints(machine, evidence, family, inside, local, remote));
      }
    }
  }
  // Every client with the first remote host before any client with the second.
  const remotes = [...new Set(found.map((endpoints) => (reverse ? endpoints.client : endpoints.server)))];
  const ordered = remotes.flatMap((host) =>
    found.filter((endpoints) => (reverse ? endpoints.client : endpoints.server) === host),
  );
  return ordered.slice(0, MOST_ENDPOINTS);
}

function forwardEndpoints(
  machine: Machine,
  evidence: Evidence,
  family: Family,
  inside: string,
  client: string,
  server: string,
): readonly Endpoints[] {
  const proxy = ownAddress(machine, machine.outside, family, evidence.ownAddresses);
  if (proxy === undefined) return [];
  const { outside } = machine;
  return [{ family, client, clientInterface: inside, dialled: server, server, serverInterface: outside, proxy }];
}

function reverseEndpoints(
  machine: Machine,
  evidence: Evidence,
  family: Family,
  inside: string,
  server: string,
  client: string,
): readonly Endpoints[] {
  const wanted = evidence.ftpDestinations.map(({ address }) => address);
  const named = [...new Set(wanted)].filter((address) => familyOfText(address) === family);
  const own = ownAddress(machine, machine.outside, family, evidence.ownAddresses);
  const proxy = ownAddress(machine, inside, family, []);
  if (proxy === undefined) return [];
  // Several servers, several proxies: each is dialled by its own address.
  const public_ = named.length > 0 ? named : own === undefined ? [] : [own];
  const { outside } = machine;
  const common = { family, client, clientInterface: outside, server, serverInterface: inside, proxy };
  return public_.map((dialled) => ({ ...common, dialled }));
}

/** The preferred address if the interface has it, else its first that is not link-local. */
function ownAddress(machine: Machine, name: string, family: Family, preferred: readonly string[]): string | undefined {
  const one = machine.interfaces.find((candidate) => candidate.name === name);
  const own = (one?.addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => familyOfText(address) === family && !address.toLowerCase().startsWith("fe80"));
  return preferred.find((address) => own.includes(address)) ?? own[0];
}

/** Clients, or the server of a reverse set-up. */
function localHosts(
  machine: Machine,
  evidence: Evidence,
  inside: string,
  family: Family,
  reverse: boolean,
): readonly string[] {
  const one = machine.interfaces.find(({ name }) => name === inside);
  const connected = (one?.addresses ?? [])
    .filter(({ address }) => familyOfText(address) === family && !address.toLowerCase().startsWith("fe80"))
    .map(({ address, prefix }) => networkOf(address, prefix));
  const named = networksBehind(inside, one?.groups ?? [], family, evidence);
  const own = new Set(machine.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  const hosts = [...named, ...connected].map((network) => {
    const host = hostOf(network, 5);
    return own.has(host) ? hostOf(network, 6) : host;
  });
  if (!reverse) return [...new Set(hosts)].filter((host) => !own.has(host));
  const servers = hostsOf(evidence.ftpServers, family).filter((host) => !own.has(host));
  const here = servers.filter((host) => connected.some((network) => contains(network, host)));
  if (here.length > 0) return here;
  return machine.inside.length > 1 && servers.length > 0 && !machine.guessed ? [] : [...servers, ...hosts];
}

/** Servers out in the world, or the clients of a reverse set-up. */
function remoteHosts(machine: Machine, evidence: Evidence, family: Family, reverse: boolean): readonly string[] {
  const named = reverse ? [] : hostsOf([...evidence.ftpDestinations, ...evidence.ftpServers], family);
  const publicHosts = PUBLIC_NETWORKS[family].map((network) => hostOf(parseNetwork(network), 77));
  const own = new Set(machine.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  return [...new Set([...publicHosts, ...named])].filter((host) => !own.has(host));
}

const hostsOf = (list: readonly Named[], family: Family): readonly string[] =>
  list
    .filter(({ address }) => familyOfText(address) === family)
    .map(({ address, prefix }) => hostOf(networkOf(address, prefix), 7));
