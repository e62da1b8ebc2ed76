/** lftp: PASV or PORT over IPv4, EPSV or EPRT over IPv6. */

import type { ClientProgram, Transfer } from "./program-client.ts";

const script = ({ mode, user, password, urlHost, seconds }: Transfer, command: string): string[] => [
  "-c",
  [
    `set net:timeout ${seconds}`,
    "set net:max-retries 1",
    "set ftp:ssl-allow no",
    "set xfer:clobber yes",
    `set ftp:passive-mode ${mode === "passive" ? "on" : "off"}`,
    // By default lftp tries the other mode when one fails, which would hide the failure.
    "set ftp:auto-passive-mode no",
    `open -u ${user},${password} ftp://${urlHost}`,
    command,
    "bye",
  ].join("; "),
];

export const lftp: ClientProgram = {
  name: "lftp",
  command: "lftp",
  package: "lftp",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  download: (transfer) => ({ args: script(transfer, `get ${transfer.remote} -o ${transfer.local}`) }),
  upload: (transfer) => ({ args: script(transfer, `put ${transfer.local} -o ${transfer.remote}`) }),
};
