/**
 * One client program with every server program, active and passive, as scenarios: the compatibility
 * matrix. Each transfers a file down and, where the client can, one up.
 *
 * @example
 * export default programMatrix(curl); // programs/curl/vsftpd-passive, …
 */

import { type NamedScenario, type Player, stopsAt } from "../../contract/scenario.ts";
import { FILE } from "../script/dialogue.ts";
import { scenario } from "../script/scenario.ts";
import { dataBlocked } from "./data-blocked.ts";
import { SERVERS } from "./known.ts";
import { type ClientProgram, type Mode, programClient } from "./program-client.ts";
import { type ProgramServer, programServer } from "./program-server.ts";

const MODES: readonly Mode[] = ["passive", "active"];
/** What a server has for its client. */
export const FILES: Readonly<Record<string, string>> = { file: FILE };

/** Real programs on both sides, in each mode. */
export const inBothModes = (client: ClientProgram, server: Player<ProgramServer>): NamedScenario[] =>
  MODES.map((mode) => ({
    name: `${server.name}-${mode}`,
    scenario: scenario({
      title: `${client.name} and ${server.name}, ${mode}`,
      quirk: `Real programs on both sides: ${client.name} in ${mode} mode with ${server.name}, through real kernels' TCP.`,
      sources: ["RFC 959", "RFC 2428", client.name, server.name],
      priority: 2,
      families: client.families,
      modes: [mode],
      client: programClient(client, mode),
      server,
      async play({ client: program, server: stored }) {
        await program.downloads("file", FILE);
        if (!program.canUpload) return;
        await program.uploads("copy", FILE);
        await stored.holdsFile("copy", FILE);
      },
      withoutProxy: stopsAt("client downloads file", "gave-up", dataBlocked(mode)),
    }),
  }));

export const programMatrix = (client: ClientProgram): NamedScenario[] =>
  SERVERS.flatMap((server) => inBothModes(client, programServer(server, FILES)));
