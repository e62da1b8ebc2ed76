/** NcFTP's command line programs: PASV or PORT, over IPv4 only. */

import { dirname } from "node:path/posix";
import type { ClientProgram, Transfer } from "./program-client.ts";

const common = ({ mode, user, password, address, seconds }: Transfer): string[] => [
  ...["-V", "-t", `${seconds}`, "-r", "0", "-u", user, "-p", password],
  mode === "active" ? "-E" : "-F",
  address,
];

export const ncftp: ClientProgram = {
  name: "ncftp",
  // ncftpget and ncftpput are two programs of one package.
  command: "ncftpget",
  package: "ncftp",
  versionArgs: ["-v"],
  families: ["inet"],
  // It keeps the remote name.
  download: (transfer) => ({ args: [...common(transfer), dirname(transfer.local), transfer.remote] }),
  upload: (transfer) => ({ command: "ncftpput", args: [...common(transfer), ".", transfer.local] }),
};
