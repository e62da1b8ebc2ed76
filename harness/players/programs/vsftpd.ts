/** vsftpd, one process for each session. */

import type { ServerProgram } from "./program-server.ts";

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
