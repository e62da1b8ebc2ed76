/**
 * The compatibility matrix: one client program with every server program, active and passive, as scenarios. Each
 * downloads a file and, where the client can, uploads one. A new program is an entry in clients.ts or servers.ts.
 *
 * @example
 * export default programMatrix(curl); // programs/curl/vsftpd-passive, …
 */

import type { Mode, NamedScenario, Player, TimelineEvent, Witness } from "../../contract/scenario.ts";
import { stopsAt } from "../../contract/scenario.ts";
import { FILE } from "../script/dialogue.ts";
import { scenario } from "../script/scenario.ts";
import { type ClientProgram, programClient } from "./program-client.ts";
import { type ProgramServer, programServer } from "./program-server.ts";
import { SERVERS } from "./servers.ts";

const MODES: readonly Mode[] = ["passive", "active"];
/** The files of each server. */
export const FILES: Readonly<Record<string, string>> = { file: FILE };

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
      withoutProxy: stopsAt("client downloads file", "gave-up", dataBlocked(mode)),
    }),
  }));

export const programMatrix = (client: ClientProgram): NamedScenario[] =>
  SERVERS.flatMap((server) => inBothModes(client, programServer(server, FILES)));

/** RFC 959, RFC 2428, RFC 1639. */
const DATA_COMMANDS: Readonly<Record<Mode, RegExp>> = {
  active: /^(PORT|EPRT|LPRT) /i,
  passive: /^(PASV|EPSV|LPSV)/i,
};

/**
 * A witness that the firewall made a program give up. The program had logged in and asked for a data connection in its
 * mode (any mode, if absent), none opened, and the record shows why:
 * - the firewall answered nothing,
 * - the server refused to dial another address than the client's,
 * - or the client got an address that it cannot reach.
 *
 * @example
 * withoutProxy: stopsAt("client downloads file", "gave-up", dataBlocked("active")),
 */
export const dataBlocked =
  (mode?: Mode): Witness =>
  (timeline) => {
    const lines = timeline.flatMap((event) => (event.kind === "line" ? [event.text] : []));
    const data = timeline.filter(isData).map(({ event }) => event);
    const modes: readonly Mode[] = mode === undefined ? MODES : [mode];
    if (!lines.some((line) => line.startsWith("230 "))) return "no client had logged in";
    const asked = lines.findIndex((line) => modes.some((one) => DATA_COMMANDS[one].test(line)));
    if (asked < 0) return `no ${mode === undefined ? "" : `${mode} `}data connection was asked for`;
    if (data.includes("opened")) return "a data connection was opened";
    const after = lines.slice(asked);
    const blocked =
      data.includes("no-answer") ||
      // A server may take PORT with another host's address for a bounce attack, RFC 2577 §3.
      after.some((line, at) => DATA_COMMANDS.active.test(line) && /^5\d\d /.test(after[at + 1] ?? "")) ||
      // RFC 1918.
      after.some((line) => /^227 .*\b10,\d+,\d+,\d+,/.test(line));
    return blocked ? undefined : "no event on the record kept the data connection from opening";
  };

const isData = (event: TimelineEvent): event is Extract<TimelineEvent, { kind: "connection" }> =>
  event.kind === "connection" && event.channel === "data";
