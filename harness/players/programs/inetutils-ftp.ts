/** ftp of GNU inetutils: EPSV or EPRT first, then PASV or PORT. It ends with status 0 whatever happens. */

import { type ClientProgram, typedSession } from "./program-client.ts";

export const inetutilsFtp: ClientProgram = {
  name: "inetutils-ftp",
  command: "inetutils-ftp",
  package: "inetutils-ftp",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  ...typedSession(({ mode, address }) => ["-n", "-i", mode === "passive" ? "-p" : "-A", address]),
};
