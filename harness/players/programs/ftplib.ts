/** Python's ftplib: PASV or PORT over IPv4, EPSV or EPRT over IPv6. */

import type { ClientProgram, Transfer } from "./program-client.ts";

const script = ({ mode, user, password, address, seconds }: Transfer, transfer: string): string[] => [
  "-c",
  [
    "import ftplib",
    `ftp = ftplib.FTP(${[address, user, password].map((text) => JSON.stringify(text)).join(", ")}, timeout=${seconds})`,
    `ftp.set_pasv(${mode === "passive" ? "True" : "False"})`,
    transfer,
    "ftp.quit()",
  ].join("\n"),
];

export const ftplib: ClientProgram = {
  name: "ftplib",
  command: "python3",
  package: "python3",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  download: (transfer) => ({
    args: script(transfer, `ftp.retrbinary("RETR ${transfer.remote}", open("${transfer.local}", "wb").write)`),
  }),
  upload: (transfer) => ({
    args: script(transfer, `ftp.storbinary("STOR ${transfer.remote}", open("${transfer.local}", "rb"))`),
  }),
};
