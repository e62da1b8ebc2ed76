/**
 * How a scenario is written: one file with `export default scenario({ … })`. A field that is left out has the plainest
 * value: both families, both sides, all eras, scripted players, ftp-proxy(8) without options, and the service of a
 * plain dialogue in its mode.
 *
 * @example
 * export default scenario({
 *   title: "A 227 without parentheses",
 *   quirk: "Some servers write the address as RFC 959's own figure does …",
 *   sources: ["RFC 1123 §4.1.2.6"],
 *   priority: 1,
 *   families: ["inet"],
 *   async play({ client, server, anchor }) { … },
 *   expect: { "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }) },
 * });
 */

import type { Expectations } from "../../contract/expectation.ts";
import { withDefaults } from "../../contract/plain-service.ts";
import type { Player, Scenario, Stage } from "../../contract/scenario.ts";
import { type ScriptedClient, scriptedClient } from "./scripted-client.ts";
import { type ScriptedServer, scriptedServer } from "./scripted-server.ts";

/** Longer than every timer of ftp-proxy(8) except `-t`. */
const DEFAULT_LIMIT_MS = 10 * 60_000;

type Optional = "modes" | "families" | "sides" | "eras" | "needs" | "proxyArgs" | "limitMs";

export interface ScenarioText<C, S>
  extends Omit<Scenario<C, S>, Optional | "client" | "server" | "expect" | "play">,
    Partial<Pick<Scenario<C, S>, Optional>> {
  readonly client?: Player<C>;
  readonly server?: Player<S>;
  play(stage: Stage<C, S>): Promise<void>;
  /**
   * Kinds of subjects that are left out: `ftp-proxy` works, `classic` is as `ftp-proxy`, and `none` and `conntrack` fare
   * as with the plain dialogue of the same mode.
   */
  readonly expect?: Expectations;
}

export function scenario<C = ScriptedClient, S = ScriptedServer>(text: ScenarioText<C, S>): Scenario<C, S> {
  const { expect, modes = [], client, server, ...rest } = text;
  return {
    modes,
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
    expect: withDefaults(expect, modes),
  };
}
