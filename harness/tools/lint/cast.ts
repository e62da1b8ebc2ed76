/**
 * Who takes part in a rehearsal: a client, the server it dials, the proxy's address, and the interfaces between them.
 * Several casts are tried and the one that gets furthest is believed: a rule set need not serve every network.
 */

import { networkOf } from "../../pf/engine/tables/address.ts";
import type { Family } from "../../pf/packet.ts";
import type { Evidence } from "./evidence.ts";
import { familyOfText, type Named } from "./rule-facts.ts";
import { contains, hostOf, networksBehind, PUBLIC_NETWORKS, parseNetwork, type Site } from "./site.ts";

export interface Cast {
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
const MOST_CASTS = 24;

/** Best guess first; empty if the machine has no address of that family on both sides. */
export function casts(site: Site, evidence: Evidence, family: Family, reverse: boolean): readonly Cast[] {
  const found: Cast[] = [];
  for (const inside of site.inside) {
    for (const local of localHosts(site, evidence, inside, family, reverse)) {
      for (const remote of remoteHosts(site, evidence, family, reverse)) {
        const cast = reverse
          ? reverseCast(site, evidence, family, inside, local, remote)
          : forwardCast(site, evidence, family, inside, local, remote);
        if (cast !== undefined) found.push(cast);
      }
    }
  }
  // Every client with the first remote host before any client with the second.
  const remotes = [...new Set(found.map((cast) => (reverse ? cast.client : cast.server)))];
  const ordered = remotes.flatMap((host) => found.filter((cast) => (reverse ? cast.client : cast.server) === host));
  return ordered.slice(0, MOST_CASTS);
}

function forwardCast(
  site: Site,
  evidence: Evidence,
  family: Family,
  inside: string,
  client: string,
  server: string,
): Cast | undefined {
  const proxy = ownAddress(site, site.outside, family, evidence.ownAddresses);
  if (proxy === undefined) return undefined;
  const { outside } = site;
  return { family, client, clientInterface: inside, dialled: server, server, serverInterface: outside, proxy };
}

function reverseCast(
  site: Site,
  evidence: Evidence,
  family: Family,
  inside: string,
  server: string,
  client: string,
): Cast | undefined {
  const wanted = evidence.ftpDestinations.map(({ address }) => address);
  const named = wanted.find((address) => familyOfText(address) === family);
  const dialled = named ?? ownAddress(site, site.outside, family, evidence.ownAddresses);
  const proxy = ownAddress(site, inside, family, []);
  if (dialled === undefined || proxy === undefined) return undefined;
  return { family, client, clientInterface: site.outside, dialled, server, serverInterface: inside, proxy };
}

/** The preferred address if the interface has it, else its first that is not link-local. */
function ownAddress(site: Site, name: string, family: Family, preferred: readonly string[]): string | undefined {
  const one = site.interfaces.find((candidate) => candidate.name === name);
  const own = (one?.addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => familyOfText(address) === family && !address.toLowerCase().startsWith("fe80"));
  return preferred.find((address) => own.includes(address)) ?? own[0];
}

/** Clients, or the server of a reverse set-up. */
function localHosts(
  site: Site,
  evidence: Evidence,
  inside: string,
  family: Family,
  reverse: boolean,
): readonly string[] {
  const one = site.interfaces.find(({ name }) => name === inside);
  const connected = (one?.addresses ?? [])
    .filter(({ address }) => familyOfText(address) === family && !address.toLowerCase().startsWith("fe80"))
    .map(({ address, prefix }) => networkOf(address, prefix));
  const named = networksBehind(inside, one?.groups ?? [], family, evidence);
  const own = new Set(site.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  const hosts = [...named, ...connected].map((network) => {
    const host = hostOf(network, 5);
    return own.has(host) ? hostOf(network, 6) : host;
  });
  if (!reverse) return [...new Set(hosts)].filter((host) => !own.has(host));
  const servers = hostsOf(evidence.ftpServers, family).filter((host) => !own.has(host));
  const here = servers.filter((host) => connected.some((network) => contains(network, host)));
  if (here.length > 0) return here;
  return site.inside.length > 1 && servers.length > 0 && !site.guessed ? [] : [...servers, ...hosts];
}

/** Servers out in the world, or the clients of a reverse set-up. */
function remoteHosts(site: Site, evidence: Evidence, family: Family, reverse: boolean): readonly string[] {
  const named = reverse ? [] : hostsOf([...evidence.ftpDestinations, ...evidence.ftpServers], family);
  const strangers = PUBLIC_NETWORKS[family].map((network) => hostOf(parseNetwork(network), 77));
  const own = new Set(site.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  return [...new Set([...strangers, ...named])].filter((host) => !own.has(host));
}

const hostsOf = (list: readonly Named[], family: Family): readonly string[] =>
  list
    .filter(({ address }) => familyOfText(address) === family)
    .map(({ address, prefix }) => hostOf(networkOf(address, prefix), 7));
