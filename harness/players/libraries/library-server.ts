/**
 * ftp-srv in the server's part: the unmodified library, with files in memory.
 */

import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { toText } from "../script/control-channel.ts";
import { type FtpSrvOptions, type FtpSrvServer, ftpSrv } from "./ftp-srv.ts";

export class LibraryServer {
  readonly #script: Script;
  readonly #server: FtpSrvServer;

  constructor(script: Script, server: FtpSrvServer) {
    this.#script = script;
    this.#server = server;
  }

  /** A file has arrived whole. */
  holdsFile(path: string, contents: string): Promise<void> {
    return this.#script.step("server", `holds ${path}`, () => {
      const bytes = this.#server.files.read(path);
      const got = bytes === undefined ? undefined : toText(bytes);
      if (got === contents) return;
      const actual = got === undefined ? "no such file" : `${got.length} other bytes`;
      throw new Deviation("other-bytes", `${contents.length} bytes as sent`, actual);
    });
  }
}

export const ftpSrvServer = (options: Omit<FtpSrvOptions, "address"> = {}): Player<LibraryServer> => ({
  name: ftpSrv.name,
  version: ftpSrv.version,
  needs: ["bottles"],
  async take(host, script) {
    const server = await ftpSrv.start(host, { ...options, address: host.address(script.family) });
    return { part: new LibraryServer(script, server), stop: () => server.stop() };
  },
});
