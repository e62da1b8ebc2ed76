/**
 * The compatibility matrix: one client program with every server program, active and passive, as scenarios. Each
 * downloads a file and, where the client can, uploads one. A new program is an entry in clients.ts or servers.ts.
 *
 * @example
 * export default programMatrix(curl); // programs/curl/vsftpd-passive, …
 */

import { type ExpectationPlace, fails, works } from "../../contract/expectation.ts";
import type { Mode, NamedScenario, Player } from "../../contract/scenario.ts";
import { FILE } from "../script/dialogue.ts";
import { scenario } from "../script/scenario.ts";
import { type ClientProgram, programClient } from "./program-client.ts";
import { type ProgramServer, programServer } from "./program-server.ts";
import { SERVERS } from "./servers.ts";

const MODES: readonly Mode[] = ["passive", "active"];
/** The files of each server. */
export const FILES: Readonly<Record<string, string>> = { file: FILE };

/** Linux writes the translated address of an EPRT without `::`, and pyftpdlib compares spellings. */
const spelt = ({ family, side }: ExpectationPlace) =>
  family === "inet6" && side === "reverse" ? fails({ by: "server" }) : works;

/** A client program and a server, in each mode. */
export const inBothModes = (client: ClientProgram, server: Player<ProgramServer>): NamedScenario[] =>
  MODES.map((mode) => ({
    name: `${server.name}-${mode}`,
    scenario: scenario({
      title: `${client.name} and ${server.name}, ${mode}`,
      quirk: `Real programs as both peers: ${client.name} in ${mode} mode with ${server.name}, through real kernels' TCP.`,
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
      expect: { none: fails(), ...(server.name === "pyftpdlib" && mode === "active" ? { conntrack: spelt } : {}) },
    }),
  }));

export const programMatrix = (client: ClientProgram): NamedScenario[] =>
  SERVERS.flatMap((server) => inBothModes(client, programServer(server, FILES)));
