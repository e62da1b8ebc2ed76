/**
 * One client program with every server program, active and passive, as scenarios: the compatibility
 * matrix. Each transfers a file down and, where the client can, one up.
 *
 * @example
 * export default programMatrix(curl); // programs/curl/vsftpd-passive, …
 */

import type { NamedScenario } from "../../../harness/scenario.ts";
import { stopsAt } from "../../../harness/scenario.ts";
import { FILE } from "../../dialogue.ts";
import { scenario } from "../../scenario.ts";
import { dataBlocked } from "./data-blocked.ts";
import { inetutilsFtpd } from "./inetutils-ftpd.ts";
import { proftpd } from "./proftpd.ts";
import { type ClientProgram, type Mode, programClient } from "./program-client.ts";
import { programServer } from "./program-server.ts";
import { pureFtpd } from "./pure-ftpd.ts";
import { pyftpdlib } from "./pyftpdlib.ts";
import { vsftpd } from "./vsftpd.ts";

const SERVERS = [vsftpd, proftpd, pureFtpd, inetutilsFtpd, pyftpdlib];
const MODES: readonly Mode[] = ["passive", "active"];

export const programMatrix = (client: ClientProgram): NamedScenario[] =>
  SERVERS.flatMap((server) =>
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
        server: programServer(server, { file: FILE }),
        async play({ client: program, server: stored }) {
          await program.downloads("file", FILE);
          if (!program.canUpload) return;
          await program.uploads("copy", FILE);
          await stored.holdsFile("copy", FILE);
        },
        withoutProxy: stopsAt("client downloads file", "gave-up", dataBlocked(mode)),
      }),
    })),
  );
