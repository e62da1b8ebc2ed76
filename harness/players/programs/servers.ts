/**
 * The server programs of the matrix, and ftp-srv: the configuration of each, and how it is started in the foreground.
 *
 * @example
 * programServer(vsftpd);
 */

import { createRequire } from "node:module";
import { packageVersion } from "../../bottle/loader.ts";
import { HOME, PASSWORD, PASSWORD_HASH, UID, USER } from "./account.ts";
import type { ServerProgram } from "./program-server.ts";

/** vsftpd, one process for each session. */
export const vsftpd: ServerProgram = {
  name: "vsftpd",
  command: "vsftpd",
  package: "vsftpd",
  versionArgs: ["-v"],
  files: ({ work }) => ({
    [`${work}/vsftpd.conf`]: `${[
      "background=NO",
      "listen=NO",
      "listen_ipv6=YES",
      "local_enable=YES",
      "write_enable=YES",
      "ftp_username=nobody",
      "seccomp_sandbox=NO",
      "secure_chroot_dir=/mnt/empty",
      "pam_service_name=vsftpd",
      // It binds port 20 without SO_REUSEADDR, and plays share a namespace.
      "connect_from_port_20=NO",
    ].join("\n")}\n`,
  }),
  args: ({ work }) => [`${work}/vsftpd.conf`],
};

/** ProFTPD in the foreground, with its own file of accounts. */
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

/** Pure-FTPd with the system's accounts, since its own database takes seconds to check a password. */
export const pureFtpd: ServerProgram = {
  name: "pure-ftpd",
  command: "pure-ftpd",
  package: "pure-ftpd",
  versionArgs: ["--help"],
  args: ({ work }) => ["-l", "unix", "-E", "-H", "-S", "21", "-g", `${work}/pid`],
};

const INETD = `
import socket, subprocess, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
listener = socket.create_server((sys.argv[1], 21), family=family)
while True:
    client, _ = listener.accept()
    subprocess.Popen(sys.argv[2:], stdin=client, stdout=client, stderr=subprocess.DEVNULL)
    client.close()
`;

/** ftpd of GNU inetutils, started for each connection as inetd(8) does, since alone it runs only in the background. */
export const inetutilsFtpd: ServerProgram = {
  name: "inetutils-ftpd",
  command: "ftpd",
  package: "inetutils-ftpd",
  versionArgs: ["--version"],
  launcher: ({ address }) => ["python3", "-c", INETD, address],
  args: () => ["-a", "default"],
};

/** pyftpdlib, a Python library, with a server of six lines. */
export const pyftpdlib: ServerProgram = {
  name: "pyftpdlib",
  command: "/usr/bin/python3",
  package: "python3-pyftpdlib",
  ownAccounts: true,
  versionArgs: ["-c", "import pyftpdlib; print(pyftpdlib.__ver__)"],
  proofArgs: ["-c", "import pyftpdlib"],
  files: ({ work }) => ({
    [`${work}/server.py`]: `${[
      "from pyftpdlib.authorizers import DummyAuthorizer",
      "from pyftpdlib.handlers import FTPHandler",
      "from pyftpdlib.servers import FTPServer",
      "authorizer = DummyAuthorizer()",
      `authorizer.add_user("${USER}", "${PASSWORD}", "${HOME}", perm="elradfmwMT")`,
      "FTPHandler.authorizer = authorizer",
      'FTPServer(("::", 21), FTPHandler).serve_forever()',
    ].join("\n")}\n`,
  }),
  args: ({ work }) => [`${work}/server.py`],
};

/** RFC 6335, section 6: dynamic ports. */
const PASSIVE_PORTS = ["--pasv-min", "50000", "--pasv-max", "50999"];

/**
 * ftp-srv as a program. It comes with Anchorage, so a user's client has a server even where none is installed. It
 * writes as root and notices its data connection late (see ../libraries/ftp-srv.ts), so the matrix leaves it out.
 */
export const ftpSrvProgram: ServerProgram = {
  name: "ftp-srv",
  command: process.execPath,
  package: "nodejs",
  ownAccounts: true,
  versionArgs: ["-p", JSON.stringify(packageVersion("ftp-srv"))],
  args: ({ family, address }) => [
    createRequire(import.meta.url).resolve("ftp-srv/bin/index.js"),
    `ftp://${family === "inet" ? address : `[${address}]`}:21`,
    ...["--root", HOME, "--username", USER, "--password", PASSWORD, "--pasv-url", address, ...PASSIVE_PORTS],
  ],
};

/** In the matrix's order. */
export const SERVERS: readonly ServerProgram[] = [vsftpd, proftpd, pureFtpd, inetutilsFtpd, pyftpdlib];
