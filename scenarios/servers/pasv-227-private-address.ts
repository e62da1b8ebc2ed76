import { fails, hostPort, quirkyServer } from "anchorage";

/** Where the server believes to be: its address behind a NAT of its own. */
const PRIVATE = "10.99.0.7";

export default quirkyServer({
  title: "A 227 with the server's private address",
  who: "A server behind a NAT of its own (ProFTPD, vsftpd in a container) puts its private address in the 227, and a client that believes it dials nowhere. ftp-proxy(8) reads only the port: the client is told the address that it dialled, and gets its data.",
  sources: [
    "RFC 959 §4.1.2",
    "lftp ftp:fix-pasv-address",
    "commons-net FTPClient NatServerResolverImpl",
    "FluentFTP #270",
    "captures/quirks/pasv-227-private-address.reverse.txt",
  ],
  priority: 1,
  families: ["inet"],
  replies: { PASV: ({ port }) => `227 Entering Passive Mode (${hostPort({ address: PRIVATE, port })})` },
  expect: {
    conntrack: fails({ by: "translation", at: "the 227" }),
    none: fails({ by: "translation", at: "the 227" }),
  },
});
