/** curl: EPSV first, then PASV; with -P EPRT first, then PORT. */

import type { ClientProgram, Transfer } from "./program-client.ts";

const common = ({ mode, user, password, seconds }: Transfer): string[] => [
  ...["--silent", "--show-error", "--globoff", "--max-time", `${seconds}`, "--connect-timeout", `${seconds}`],
  ...["--user", `${user}:${password}`],
  ...(mode === "active" ? ["--ftp-port", "-"] : ["--ftp-pasv"]),
];

export const curl: ClientProgram = {
  name: "curl",
  command: "curl",
  package: "curl",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  download: (transfer) => ({
    args: [...common(transfer), "--output", transfer.local, `ftp://${transfer.urlHost}/${transfer.remote}`],
  }),
  upload: (transfer) => ({
    args: [...common(transfer), "--upload-file", transfer.local, `ftp://${transfer.urlHost}/${transfer.remote}`],
  }),
};
