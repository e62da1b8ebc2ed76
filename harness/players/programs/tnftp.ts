/** tnftp, NetBSD's ftp: EPSV or EPRT first, then PASV or PORT. */

import { type ClientProgram, typedSession } from "./program-client.ts";

export const tnftp: ClientProgram = {
  name: "tnftp",
  command: "tnftp",
  package: "tnftp",
  families: ["inet", "inet6"],
  ...typedSession(({ mode, address, seconds }) => [
    "-n",
    "-i",
    "-V",
    mode === "passive" ? "-p" : "-A",
    "-q",
    `${seconds}`,
    address,
  ]),
};
