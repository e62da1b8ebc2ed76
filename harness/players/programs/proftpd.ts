/** ProFTPD in the foreground, with its own file of accounts. */

import { HOME, PASSWORD_HASH, UID, USER } from "./account.ts";
import type { ServerProgram } from "./program-server.ts";

export const proftpd: ServerProgram = {
  name: "proftpd",
  command: "proftpd",
  package: "proftpd-core",
  versionArgs: ["--version"],
  files: ({ work }) => ({
    [`${work}/passwd`]: `${USER}:${PASSWORD_HASH}:${UID}:${UID}::${HOME}:/bin/sh\n`,
    [`${work}/proftpd.conf`]: `${[
      "ServerType standalone",
      "UseIPv6 on",
      "Port 21",
      "User nobody",
      "Group nogroup",
      "UseReverseDNS off",
      "WtmpLog off",
      "DelayEngine off",
      "AllowOverwrite on",
      `AuthUserFile ${work}/passwd`,
      "AuthOrder mod_auth_file.c",
      "RequireValidShell off",
      `PidFile ${work}/proftpd.pid`,
      `ScoreboardFile ${work}/scoreboard`,
      `SystemLog ${work}/log`,
      "TransferLog none",
    ].join("\n")}\n`,
  }),
  before: ({ work }) => [["chmod", "600", `${work}/passwd`]],
  args: ({ work }) => ["-n", "-c", `${work}/proftpd.conf`],
};
