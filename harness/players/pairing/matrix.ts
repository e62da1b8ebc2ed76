/**
 * The compatibility matrix: one client program with every server program, active and passive, as scenarios. Each
 * downloads a file and, where the client can, uploads one. A new program is an entry in clients.ts or servers.ts.
 *
 * @example
 * export default programMatrix(curl); // programs/curl/vsftpd-passive, …
 */

import { type ExpectationPlace, fails, works } from "../../contract/expectation.ts";
import type { NamedScenario } from "../../contract/scenario.ts";
import type { ClientProgram } from "../programs/program-client.ts";
import { SERVERS } from "../programs/servers.ts";
import { knownClient, knownServer } from "./candidates.ts";
import { meetings } from "./pairs.ts";

/** Linux writes the translated address of an EPRT without `::`, and pyftpdlib compares spellings. */
const spelt = ({ family, side }: ExpectationPlace) =>
  family === "inet6" && side === "reverse" ? fails({ by: "server" }) : works;

export const programMatrix = (client: ClientProgram): NamedScenario[] =>
  SERVERS.flatMap((server) =>
    meetings(knownClient(client), knownServer(server), ([mode]) => ({
      none: fails(),
      ...(server.name === "pyftpdlib" && mode === "active" ? { conntrack: spelt } : {}),
    })),
  );
