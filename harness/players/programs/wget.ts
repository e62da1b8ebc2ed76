/** GNU Wget: PASV or PORT over IPv4, EPSV or EPRT over IPv6. It cannot upload. */

import type { ClientProgram } from "./program-client.ts";

export const wget: ClientProgram = {
  name: "wget",
  command: "wget",
  package: "wget",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  download: ({ mode, user, password, urlHost, remote, local, seconds }) => ({
    args: [
      ...["--no-verbose", "--tries=1", `--timeout=${seconds}`, "--no-config"],
      ...(mode === "active" ? ["--no-passive-ftp"] : []),
      ...[`--user=${user}`, `--password=${password}`, `--output-document=${local}`, `ftp://${urlHost}/${remote}`],
    ],
  }),
};
