/**
 * ftp-srv as a program. It comes with Anchorage, so a user's client has a server even where none is installed. It
 * writes as root and notices its data connection late (see ../libraries/ftp-srv.ts), so the matrix leaves it out.
 */

import { createRequire } from "node:module";
import { packageVersion } from "../../bottle/loader.ts";
import { HOME, PASSWORD, USER } from "./account.ts";
import type { ServerProgram } from "./program-server.ts";

/** RFC 6335, section 6: dynamic ports. */
const PASSIVE_PORTS = ["--pasv-min", "50000", "--pasv-max", "50999"];

export const ftpSrvProgram: ServerProgram = {
  name: "ftp-srv",
  command: process.execPath,
  package: "nodejs",
  ownAccounts: true,
  versionArgs: ["-p", JSON.stringify(packageVersion("ftp-srv"))],
  args: ({ family, address }) => [
    createRequire(import.meta.url).resolve("ftp-srv/bin/index.js"),
    `ftp://${family === "inet" ? address : `[${address}]`}:21`,
    ...["--root", HOME, "--username", USER, "--password", PASSWORD, "--pasv-url", address, ...PASSIVE_PORTS],
  ],
};
