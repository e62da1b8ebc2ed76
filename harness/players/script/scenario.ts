/**
 * How a scenario is written: one file with `export default scenario({ … })`. A field that is left out has the plainest
 * value: both families, both sides, all eras, scripted players, ftp-proxy(8) without options, a play that completes.
 *
 * @example
 * export default scenario({
 *   title: "A 227 without parentheses",
 *   quirk: "Some servers write the address as RFC 959's own figure does …",
 *   sources: ["RFC 1123 §4.1.2.6"],
 *   priority: 1,
 *   families: ["inet"],
 *   async play({ client, server, anchor }) { … },
 *   withoutProxy: stopsAt("client sees its control connection closed", "other-bytes"),
 * });
 */

import {
  completes,
  type End,
  type PlacedEnd,
  type Player,
  type Scenario,
  type Stage,
} from "../../contract/scenario.ts";
import { type ScriptedClient, scriptedClient } from "./scripted-client.ts";
import { type ScriptedServer, scriptedServer } from "./scripted-server.ts";

/** Longer than every timer of ftp-proxy(8) except `-t`. */
const DEFAULT_LIMIT_MS = 10 * 60_000;

type Optional = "modes" | "families" | "sides" | "eras" | "needs" | "proxyArgs" | "limitMs";

export interface ScenarioText<C, S>
  extends Omit<Scenario<C, S>, Optional | "client" | "server" | "ends" | "play">,
    Partial<Pick<Scenario<C, S>, Optional>> {
  readonly client?: Player<C>;
  readonly server?: Player<S>;
  play(stage: Stage<C, S>): Promise<void>;
  /** How it ends with ftp-proxy(8) of OpenBSD 7.8. Default: the play completes. */
  readonly withProxy?: End;
  /** How it ends with the classic generation, where that differs. */
  readonly withClassic?: End;
  /** How it ends on the same firewall without a proxy. */
  readonly withoutProxy: End;
  /**
   * How it ends with Linux nf_conntrack_ftp (seen on Linux 6.18), where that differs from ftp-proxy(8). It may depend on
   * side and family: Linux translates the client's IPv4 address in forward mode, and in reverse mode the server's of
   * both families.
   */
  readonly withConntrack?: PlacedEnd;
}

export function scenario<C = ScriptedClient, S = ScriptedServer>(text: ScenarioText<C, S>): Scenario<C, S> {
  const { withProxy = completes, withClassic, withoutProxy, withConntrack, client, server, ...rest } = text;
  return {
    modes: [],
    families: ["inet", "inet6"],
    sides: ["forward", "reverse"],
    eras: ["divert-to", "rdr-to", "rdr-anchor"],
    needs: [],
    proxyArgs: [],
    limitMs: DEFAULT_LIMIT_MS,
    ...rest,
    // C and S are the scripted players' types when the scenario names no player.
    client: client ?? (scriptedClient as unknown as Player<C>),
    server: server ?? (scriptedServer as unknown as Player<S>),
    ends: {
      "ftp-proxy": withProxy,
      classic: withClassic ?? withProxy,
      conntrack: withConntrack ?? withProxy,
      none: withoutProxy,
    },
  };
}
