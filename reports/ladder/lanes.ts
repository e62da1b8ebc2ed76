/**
 * The lifelines of a ladder, from left to right: client, proxy, server, and the intruder if it speaks.
 * The lifeline in the middle is the machine of the firewall; it is headed `firewall` where no proxy takes part.
 *
 *     lanesOf(play) // [{ name: "client" }, { name: "proxy" }, { name: "server" }]
 */
import type { Party, PlayResult } from "../model.ts";
import { programName } from "../pairings.ts";
import { visible } from "../text.ts";

export interface Lane {
  readonly name: Party | "firewall";
  /** `basic-ftp 6.2.6`: the player, if known. */
  readonly who?: string;
}

type Played = Pick<PlayResult, "timeline" | "players" | "hosts" | "subject">;

const clientLane = 0;
export const middleLane = 1;
const serverLane = 2;
const intruderLane = 3;

export function lanesOf(play: Played): Lane[] {
  const parties = new Set<string>();
  for (const event of play.timeline) {
    if (event.kind === "line" || event.kind === "connection") parties.add(event.from).add(event.to);
  }
  const proxied = play.subject !== "none" || parties.has("proxy");
  const lanes: Lane[] = [
    { name: "client", ...playerOf(play, "client") },
    proxied ? { name: "proxy", who: visible(play.subject) } : { name: "firewall" },
    { name: "server", ...playerOf(play, "server") },
  ];
  return parties.has("intruder") ? [...lanes, { name: "intruder" }] : lanes;
}

function playerOf(play: Played, part: "client" | "server"): { who?: string } {
  const player = play.players.find((each) => each.part === part);
  if (player === undefined) return {};
  return { who: visible(programName(player)) };
}

export function laneOf(party: Party | "firewall"): number {
  switch (party) {
    case "client":
      return clientLane;
    case "proxy":
    case "firewall":
      return middleLane;
    case "server":
      return serverLane;
    case "intruder":
      return intruderLane;
  }
}

/** The lane a dropped packet was on its way to: `tcp A > B S` goes to the host that has B; undefined if no host has it. */
export function destinationLane(packet: string, hosts: PlayResult["hosts"]): number | undefined {
  const destination = / > (\S+)/.exec(packet)?.[1]?.replace(/^\[/, "");
  if (destination === undefined) return undefined;
  const host = hosts.find(({ addresses }) => addresses.some((address) => isAddressOf(destination, address)));
  switch (host?.name) {
    case "client":
      return clientLane;
    case "server":
      return serverLane;
    case "firewall":
      return middleLane;
    default:
      return undefined;
  }
}

/** `198.51.100.1:49999` is an endpoint of `198.51.100.1`, not of `198.51.100.10`; IPv6 has the forms `a.port`, `a]:port`, `a[port]`. */
function isAddressOf(endpoint: string, address: string): boolean {
  const rest = endpoint.slice(address.length);
  return endpoint.startsWith(address) && /^(\]?[:.]\d+|\[\d+\]?|\]?)$/.test(rest);
}
