/**
 * How each real client is run for one download, in each mode: with a few seconds of patience and one try, or
 * (`shipped`) with its own. Files land in its working folder.
 *
 * @example
 * commandLine("curl", { mode: "pasv", address: "127.0.0.1", port: 2121, files: ["file.bin"], shipped: false })
 */

import { fileURLToPath } from "node:url";

export interface Download {
  readonly mode: string;
  readonly address: string;
  readonly port: number;
  readonly files: readonly string[];
  readonly shipped: boolean;
}

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly input?: string;
}

const USER = "anonymous";
const PASSWORD = "guest@example.org";
const PATIENCE_S = 8;

const urls = ({ address, port, files }: Download): string[] =>
  files.map((file) => `ftp://${address.includes(":") ? `[${address}]` : address}:${port}/${file}`);

/** Options of a mode, none for the others. */
const when = (mode: string, modes: Readonly<Record<string, readonly string[]>>): readonly string[] => modes[mode] ?? [];

const typed = (lines: readonly string[]): string => [...lines, "quit", ""].join("\n");

const lines: Readonly<Record<string, (download: Download) => CommandLine>> = {
  curl: (download) => ({
    command: "curl",
    args: [
      ...["--silent", "--show-error", "--globoff", "--disable"],
      ...when(download.mode, {
        pasv: ["--disable-epsv"],
        active: ["--ftp-port", "-"],
        "active-port": ["--ftp-port", "-", "--disable-eprt"],
      }),
      ...urls(download).flatMap((url) => ["--remote-name", url]),
    ],
  }),
  wget: ({ shipped, ...download }) => ({
    command: "wget",
    args: [
      ...["--no-verbose", "--no-config", ...(shipped ? [] : ["--tries=1", `--timeout=${PATIENCE_S}`])],
      ...when(download.mode, { active: ["--no-passive-ftp"] }),
      ...urls({ ...download, shipped }),
    ],
  }),
  lftp: ({ mode, address, port, files, shipped }) => ({
    command: "lftp",
    args: [
      ...["--norc", "-c"],
      [
        ...(shipped ? [] : ["set net:timeout 5", "set net:max-retries 1", "set net:reconnect-interval-base 1"]),
        ...when(mode, { epsv: ["set ftp:prefer-epsv yes"], active: ["set ftp:passive-mode off"] }),
        `open -u ${USER},${PASSWORD} -p ${port} ftp://${address.includes(":") ? `[${address}]` : address}`,
        `get ${files.join(" ")}`,
      ].join("; "),
    ],
  }),
  ncftpget: ({ mode, address, port, files }) => ({
    command: "ncftpget",
    args: [
      ...["-V", "-t", `${PATIENCE_S}`, "-r", "0", "-u", USER, "-p", PASSWORD, "-P", `${port}`],
      ...when(mode, { active: ["-E"] }),
      ...[address, ".", ...files.map((file) => `/${file}`)],
    ],
  }),
  tnftp: ({ mode, address, port, files }) => ({
    command: "tnftp",
    args: ["-n", "-i", "-V", ...when(mode, { active: ["-A"], "active-port": ["-A"] }), address, `${port}`],
    input: typed([
      ...when(mode, { pasv: ["epsv4"], "active-port": ["epsv4"] }),
      ...[`user ${USER} ${PASSWORD}`, "binary", ...files.map((file) => `get ${file}`)],
    ]),
  }),
  "tnftp-url": (download) => ({
    command: "tnftp",
    args: ["-V", ...when(download.mode, { active: ["-A"] }), ...urls(download)],
  }),
  "inetutils-ftp": ({ mode, address, port, files }) => ({
    command: "inetutils-ftp",
    args: ["-n", "-i", mode === "active" ? "-A" : "-p", address, `${port}`],
    input: typed([
      ...when(mode, { epsv: ["epsv4"] }),
      ...[`user ${USER} ${PASSWORD}`, "binary", ...files.map((file) => `get ${file}`)],
    ]),
  }),
  ftplib: ({ mode, address, port, files }) => ({
    command: "python3",
    args: [
      "-c",
      [
        "import ftplib",
        `ftp = ftplib.FTP(timeout=${PATIENCE_S})`,
        `ftp.connect("${address}", ${port})`,
        `ftp.login("${USER}", "${PASSWORD}")`,
        `ftp.set_pasv(${mode === "active" ? "False" : "True"})`,
        ...files.map((file) => `ftp.retrbinary("RETR ${file}", open("${file}", "wb").write)`),
        "ftp.quit()",
      ].join("\n"),
    ],
  }),
  "basic-ftp": ({ mode, address, port, files }) => ({
    command: process.execPath,
    args: [
      fileURLToPath(new URL("./basic-ftp.mjs", import.meta.url)),
      ...[mode, address, `${port}`, USER, PASSWORD, `${PATIENCE_S * 1000}`, ...files],
    ],
  }),
};

export const CLIENTS: readonly string[] = Object.keys(lines);

export function commandLine(client: string, download: Download): CommandLine {
  const line = lines[client];
  if (line === undefined) throw new Error(`no client is called "${client}"; there are ${CLIENTS.join(", ")}`);
  return line(download);
}
