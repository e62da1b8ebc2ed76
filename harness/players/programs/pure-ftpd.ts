/** Pure-FTPd with the system's accounts, since its own database takes seconds to check a password. */

import type { ServerProgram } from "./program-server.ts";

export const pureFtpd: ServerProgram = {
  name: "pure-ftpd",
  command: "pure-ftpd",
  package: "pure-ftpd",
  versionArgs: ["--help"],
  args: ({ work }) => ["-l", "unix", "-E", "-H", "-S", "21", "-g", `${work}/pid`],
};
