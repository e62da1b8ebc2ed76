/**
 * A program of the user's own in the server's part (`--server 'CMD'`): started for each play, with the account and
 * the files that every server program has, and killed after it.
 *
 * @example
 * scenario({ server: ownServer(parseCommandLine("server", "./mine -p {port} -r {dir}", SERVER_WORDS), cwd, { file: FILE }), … })
 */

import { CONTROL_PORT } from "../../contract/roles.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation } from "../../contract/script.ts";
import { HOME, PASSWORD, prepareServer, prepareWork, UID, USER } from "./account.ts";
import { fillIn, type OwnProgram, quoted } from "./command-line.ts";
import { greeting, layFiles, ProgramServer, ServerGone } from "./program-server.ts";

/** `cwd`: where its command line is run. */
export const ownServer = (
  program: OwnProgram,
  cwd: string,
  files: Readonly<Record<string, string>>,
): Player<ProgramServer> => ({
  name: program.name,
  ...(program.version !== undefined && { version: program.version }),
  command: program.command,
  needs: ["processes"],
  async take(host, script) {
    // Without root there is but one user: then the account is what the program makes of {user} and {password}.
    const owner = await prepareServer(host).then(
      () => UID,
      () => undefined,
    );
    if (owner === undefined) await prepareWork(host);
    await layFiles(host, files, owner);
    const address = host.address(script.family);
    const values = { host: address, port: `${CONTROL_PORT}`, user: USER, password: PASSWORD, dir: HOME };
    const line = `exec </dev/null; cd ${quoted(cwd)} || exit\n${fillIn(program.command, values)}`;
    const server = await host.spawn("sh", ["-c", line]);
    const running = await script.step("server", `starts ${program.name}`, async () => {
      try {
        return await greeting(host, server, { address, name: program.name, goesBehind: true });
      } catch (error) {
        if (error instanceof ServerGone) throw new Deviation("gave-up", "a server that answers", error.message);
        throw error;
      }
    });
    return { part: new ProgramServer(host, script), ...running };
  },
});
