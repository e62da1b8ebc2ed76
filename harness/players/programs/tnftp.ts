/** tnftp, NetBSD's ftp: EPSV or EPRT first, then PASV or PORT. */

import { interactive } from "./interactive.ts";
import type { ClientProgram } from "./program-client.ts";

export const tnftp: ClientProgram = {
  name: "tnftp",
  command: "tnftp",
  package: "tnftp",
  families: ["inet", "inet6"],
  ...interactive(({ mode, address, seconds }) => [
    "-n",
    "-i",
    "-V",
    mode === "passive" ? "-p" : "-A",
    "-q",
    `${seconds}`,
    address,
  ]),
};
