/**
 * Policy apart from harm. Policy is what the rule set alone lets anybody do: each way that was open in a play is tried
 * again, by the same host, in a lab where no session runs. A way that is open there too is no fault of the subject.
 *
 * @example
 * const policy = await policyOf(lab, setting, openWays(evidence));
 * openWays(evidence).filter((way) => !policy.has(wayKey(way))) // harm
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { HostName, Lab } from "../../contract/lab.ts";
import type { Evidence, PolicyWays } from "./evidence.ts";
import { Intruder, type IntruderOptions } from "./intruder.ts";

/** A way that was open to a host; `host` is absent for a connection of the firewall itself, which no policy excuses. */
export interface OpenWay {
  readonly host?: HostName;
  readonly door: Endpoint;
  /** `inside intruder 10.0.0.66 reached 198.51.100.7 port 49999 (while the rules are in force)`. */
  readonly detail: string;
}

export const wayKey = ({ host, door }: Pick<OpenWay, "host" | "door">): string =>
  `${host}|${door.address}|${door.port}`;

/** The ways by which hosts without a part in the play reached a door, or were reached. */
export function intrusions({ timeline, probes, visits }: Evidence): OpenWay[] {
  const forced = probes
    .filter(({ reached }) => reached)
    .map(({ host, door, from, to, what }) => ({ host, door, detail: `${from} reached ${to} (${what})` }));
  return [...forced, ...lured(timeline), ...visits.flatMap((visit) => visited(timeline, visit))];
}

/**
 * The ways by which players got through again after the session. Without a proxy, only a connection counts: what the
 * kernel expects (conntrack) stays open until it times out, and its targets refuse.
 */
export const returns = ({ revisits, terminates }: Evidence): OpenWay[] =>
  revisits
    .filter(({ reached, result }) => (terminates ? reached : result === "connected"))
    .map(({ host, door, from, to }) => ({ host, door, detail: `${from} could connect to ${to} again` }));

/** Open ways that are harm, and those that policy excuses. */
export const apart = (ways: readonly OpenWay[], policy: PolicyWays) => ({
  harmful: ways.filter((way) => !policy.has(wayKey(way))),
  excused: ways.filter((way) => policy.has(wayKey(way))),
});

/** Connections through the firewall to an intruder, by someone else. */
function lured(timeline: Evidence["timeline"]): OpenWay[] {
  return timeline.connections.all
    .filter(({ target }) => timeline.party(target.address) === "intruder")
    .flatMap((connection) => {
      const { opener, target } = connection;
      // On the far network the opener may be the firewall, by translation.
      const near = timeline.party(opener.address) === "proxy" ? timeline.beyond(connection) : undefined;
      const { opener: by, target: door } = near ?? connection;
      const party = timeline.party(by.address);
      if (party === "intruder") return [];
      const detail = `${by.address} was sent to ${target.address} port ${target.port}`;
      return [{ ...(party === "client" || party === "server" ? { host: party } : {}), door, detail }];
    });
}

/** A visitor from the same network, whom the firewall does not see. */
function visited(timeline: Evidence["timeline"], { by, door }: Evidence["visits"][number]): OpenWay[] {
  const host = timeline.party(by);
  if (host !== "client" && host !== "server") return [];
  return [{ host, door, detail: `${by} was sent to ${door.address} port ${door.port}` }];
}

/** Tries the ways in a lab without a session; returns those that are open. */
export async function policyOf(
  lab: Lab,
  setting: Pick<IntruderOptions, "side" | "family" | "era" | "roles">,
  ways: readonly OpenWay[],
): Promise<PolicyWays> {
  const intruder = new Intruder({ ...setting, lab, record: () => {}, elapsed: () => 0 });
  const tried = new Map(ways.map((way) => [wayKey(way), way]));
  for (const { host, door } of tried.values()) if (host !== undefined) intruder.tries(host, door, "without a session");
  await intruder.done();
  await intruder.reported();
  return new Set([...intruder.results, ...intruder.revisits].filter(({ reached }) => reached).map(wayKey));
}
