/** Pure-FTPd. Its own data base of accounts would take seconds to check a password: the system's is asked. */

import type { ServerProgram } from "./program-server.ts";

export const pureFtpd: ServerProgram = {
  name: "pure-ftpd",
  command: "pure-ftpd",
  package: "pure-ftpd",
  versionArgs: ["--help"],
  args: ({ work }) => ["-l", "unix", "-E", "-H", "-S", "21", "-g", `${work}/pid`],
};
