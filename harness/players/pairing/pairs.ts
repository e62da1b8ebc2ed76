/**
 * Clients and servers that have never met, as scenarios: each client with each server, in the modes and families that
 * both have. Used by `--client` and `--server`, and by the matrix of real programs.
 *
 * @example
 * pairsOf(clients, servers) // [{ client: "curl", name: "vsftpd-passive", scenario, options: "--client curl --server vsftpd" }, …]
 */

import type { ErrandsPart, Wish } from "../../contract/errands.ts";
import { any, type Expectations, expectationOf, served } from "../../contract/expectation.ts";
import { withDefaults } from "../../contract/plain-service.ts";
import type { Mode, NamedScenario, Player, Scenario } from "../../contract/scenario.ts";
import type { Profile } from "../../contract/subject.ts";
import type { Quirk } from "../ftp/quirk.ts";
import { scenario } from "../script/scenario.ts";
import type { ClientCandidate, ServerCandidate, ServerPart } from "./candidates.ts";

export interface Pair extends NamedScenario {
  readonly client: string;
  readonly server: string;
  /** Options of the command line that make this scenario. */
  readonly options: string;
}

/** `asked`: which of the two options were given. */
export function pairsOf(
  clients: readonly ClientCandidate[],
  servers: readonly ServerCandidate[],
  asked: { readonly clients: boolean; readonly servers: boolean },
): Pair[] {
  return clients.flatMap((client) =>
    servers.flatMap((server) => {
      const options = [
        ...(asked.clients ? [`--client ${client.typed}`] : []),
        ...(asked.servers ? [`--server ${server.typed}`] : []),
      ].join(" ");
      return meetings(client, server).map((one) => ({ ...one, client: client.name, server: server.name, options }));
    }),
  );
}

/** One scenario, or one for each mode where the client is one program run per mode. */
export function meetings(
  client: ClientCandidate,
  server: ServerCandidate,
  expect: (modes: readonly Mode[]) => Expectations = () => ({}),
): NamedScenario[] {
  const modes = client.modes.filter((mode) => server.modes.includes(mode));
  const { inMode } = client;
  if (inMode === undefined) {
    return modes.length === 0
      ? []
      : [
          {
            name: server.name,
            scenario: meeting({ client, server, modes, expect: expect(modes), player: client.player }),
          },
        ];
  }
  return modes.map((mode) => ({
    name: `${server.name}-${mode}`,
    scenario: meeting({ client, server, expect: expect([mode]), modes: [mode], player: inMode(mode) }),
  }));
}

interface Meeting {
  readonly client: ClientCandidate;
  readonly server: ServerCandidate;
  readonly modes: readonly Mode[];
  /** The client in these modes. */
  readonly player: Player<ErrandsPart>;
  /** Where more is known than of any pair. */
  readonly expect: Expectations;
}

function meeting({ client, server, modes, player, expect }: Meeting): Scenario {
  const quirks = [client.quirk, server.quirk].filter((one) => one !== undefined);
  // The plain player is among the quirks, too.
  const quirky = [client, server].filter((one) => one.quirk !== undefined && one.player.name !== "plain").length;
  const arePlain = [client, server].some((one) => one.player.name === "plain");
  const wishes = client.errands.map((what, index): Wish => ({ what, mode: modes[index % modes.length] ?? "passive" }));
  const inWords = modes.length === 1 ? `, ${modes[0]}` : "";
  return scenario<ErrandsPart, unknown>({
    title: `${client.name} and ${server.name}${inWords}`,
    quirk:
      `${client.name} meets ${server.name}${inWords}, as neither was made for the other. ${quirks.map(({ who }) => who).join(" ")}`.trim(),
    sources: [...new Set(quirks.flatMap(({ sources }) => sources)), client.name, server.name],
    priority: 2,
    ...Object.assign({}, ...quirks.map(({ circumstances }) => circumstances)),
    modes,
    families: client.families.filter((family) => server.families.includes(family)),
    client: player,
    server: server.player,
    async play({ client: part, server: store, profile }) {
      await part.does(wishes);
      if (profile !== "none" && client.errands.includes("store")) await (store as ServerPart).holdsStored?.();
    },
    expect: { ...expectationsOf(quirks, quirky === 0 || (quirky === 1 && arePlain)), ...expect },
  }) as Scenario;
}

/**
 * Behind a proxy a pair is served. How a quirk fares is known of its plain partner only: curl gives up on replies
 * that other clients read, with any proxy and without.
 */
function expectationsOf(quirks: readonly Quirk[], partnersArePlain: boolean): Expectations {
  const expected = (profile: Profile) => (place: Parameters<typeof expectationOf>[2]) =>
    partnersArePlain &&
    quirks.every(({ expect, modes }) => expectationOf(withDefaults(expect, modes), profile, place).service !== "fails")
      ? served
      : any;
  return {
    "ftp-proxy": expected("ftp-proxy"),
    classic: expected("classic"),
    conntrack: quirks.length === 0 ? served : any,
    none: any,
  };
}
