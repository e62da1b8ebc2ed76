/**
 * The client programs of the matrix: how each is started for one transfer, and its way into each mode.
 *
 * @example
 * programMatrix(curl); // curl with every server
 */

import { dirname } from "node:path/posix";
import { type ClientProgram, type Transfer, typedSession } from "./program-client.ts";

const curlArgs = ({ mode, user, password, seconds }: Transfer): string[] => [
  ...["--silent", "--show-error", "--globoff", "--max-time", `${seconds}`, "--connect-timeout", `${seconds}`],
  ...["--user", `${user}:${password}`],
  ...(mode === "active" ? ["--ftp-port", "-"] : ["--ftp-pasv"]),
];

/** curl: EPSV first, then PASV; with -P EPRT first, then PORT. */
export const curl: ClientProgram = {
  name: "curl",
  command: "curl",
  package: "curl",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  download: (transfer) => ({
    args: [...curlArgs(transfer), "--output", transfer.local, `ftp://${transfer.urlHost}/${transfer.remote}`],
  }),
  upload: (transfer) => ({
    args: [...curlArgs(transfer), "--upload-file", transfer.local, `ftp://${transfer.urlHost}/${transfer.remote}`],
  }),
};

const lftpArgs = ({ mode, user, password, urlHost, seconds }: Transfer, command: string): string[] => [
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

/** lftp: PASV or PORT over IPv4, EPSV or EPRT over IPv6. */
export const lftp: ClientProgram = {
  name: "lftp",
  command: "lftp",
  package: "lftp",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  download: (transfer) => ({ args: lftpArgs(transfer, `get ${transfer.remote} -o ${transfer.local}`) }),
  upload: (transfer) => ({ args: lftpArgs(transfer, `put ${transfer.local} -o ${transfer.remote}`) }),
};

const ncftpArgs = ({ mode, user, password, address, seconds }: Transfer): string[] => [
  ...["-V", "-t", `${seconds}`, "-r", "0", "-u", user, "-p", password],
  mode === "active" ? "-E" : "-F",
  address,
];

/** NcFTP's command line programs: PASV or PORT, over IPv4 only. */
export const ncftp: ClientProgram = {
  name: "ncftp",
  // ncftpget and ncftpput are two programs of one package.
  command: "ncftpget",
  package: "ncftp",
  versionArgs: ["-v"],
  families: ["inet"],
  // It keeps the remote name.
  download: (transfer) => ({ args: [...ncftpArgs(transfer), dirname(transfer.local), transfer.remote] }),
  upload: (transfer) => ({ command: "ncftpput", args: [...ncftpArgs(transfer), ".", transfer.local] }),
};

/** ftp of GNU inetutils: EPSV or EPRT first, then PASV or PORT. It ends with status 0 whatever happens. */
export const inetutilsFtp: ClientProgram = {
  name: "inetutils-ftp",
  command: "inetutils-ftp",
  package: "inetutils-ftp",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  ...typedSession(({ mode, address }) => ["-n", "-i", mode === "passive" ? "-p" : "-A", address]),
};

/** tnftp, NetBSD's ftp: EPSV or EPRT first, then PASV or PORT. */
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

/** GNU Wget: PASV or PORT over IPv4, EPSV or EPRT over IPv6. It cannot upload. */
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

const ftplibArgs = ({ mode, user, password, address, seconds }: Transfer, transfer: string): string[] => [
  "-c",
  [
    "import ftplib",
    `ftp = ftplib.FTP(${[address, user, password].map((text) => JSON.stringify(text)).join(", ")}, timeout=${seconds})`,
    `ftp.set_pasv(${mode === "passive" ? "True" : "False"})`,
    transfer,
    "ftp.quit()",
  ].join("\n"),
];

/** Python's ftplib: PASV or PORT over IPv4, EPSV or EPRT over IPv6. */
export const ftplib: ClientProgram = {
  name: "ftplib",
  command: "python3",
  package: "python3",
  versionArgs: ["--version"],
  families: ["inet", "inet6"],
  download: (transfer) => ({
    args: ftplibArgs(transfer, `ftp.retrbinary("RETR ${transfer.remote}", open("${transfer.local}", "wb").write)`),
  }),
  upload: (transfer) => ({
    args: ftplibArgs(transfer, `ftp.storbinary("STOR ${transfer.remote}", open("${transfer.local}", "rb"))`),
  }),
};

/** In the matrix's order. */
export const CLIENTS: readonly ClientProgram[] = [curl, lftp, ncftp, inetutilsFtp, tnftp, wget, ftplib];
