/** Python's ftplib: PASV or PORT over IPv4, EPSV or EPRT over IPv6. */

import type { ClientProgram, Transfer } from "./program-client.ts";

const script = ({ mode, user, password, address }: Transfer, transfer: string): string[] => [
  "-c",
  [
    "import ftplib",
    `ftp = ftplib.FTP(${JSON.stringify(address)}, ${JSON.stringify(user)}, ${JSON.stringify(password)}, timeout=3)`,
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
