/**
 * The end of a connection, or its failure, in the words of the time line: who brought it about, between which addresses.
 *
 * @example
 * endedBy({ kind: "refused", connection }, "server", undefined) // "firewall": nothing came from beyond it
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { Party } from "../../../reports/model.ts";
import type { ConnectionEnd, ConnectionEvent, ObservedConnection } from "./connections.ts";

export interface EndOrFailure {
  readonly connection: ObservedConnection;
  readonly atMs: number;
  readonly kind: Exclude<ConnectionEvent["kind"], "syn" | "bytes"> | "no-answer";
  readonly by?: ConnectionEnd["by"];
}

/** A RST in the target's name that did not come from beyond the firewall is the firewall's (`block return`). */
export function endedBy(
  { kind, connection }: Pick<EndOrFailure, "kind" | "connection">,
  target: Party,
  beyond: ObservedConnection | undefined,
): Party | "firewall" {
  const isReset = kind === "refused" || kind === "reset";
  return isReset && beyond?.state !== connection.state ? "firewall" : target;
}

/** To the same target on the other network. With `modulate state` the sequence numbers differ there. */
export const isBeyond = (one: ObservedConnection, connection: ObservedConnection): boolean =>
  one.network !== connection.network && endpointText(one.target) === endpointText(connection.target);

/** `10.0.0.5:40000 -> 198.51.100.7:21`, and how the other network sees it. */
export function addressesOf(connection: ObservedConnection, beyond: ObservedConnection | undefined): string {
  const addresses = ({ opener, target }: ObservedConnection) => `${endpointText(opener)} -> ${endpointText(target)}`;
  return addresses(connection) + (beyond === undefined ? "" : `, beyond ${addresses(beyond)}`);
}

const endpointText = ({ address, port }: Endpoint): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
