import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A transfer with neither PORT nor PASV",
  who: "A very old client says RETR and waits on the port of its control connection, RFC 959's default. Behind a proxy that is the proxy's port, and no rule is for it. Today's servers answer 425.",
  sources: ["RFC 959 §3.2", "RFC 1123 §4.1.2.5", "vsftpd: 425 Use PORT or PASV first", "ftp-proxy.c 1.41"],
  modes: ["active"],
  // A second socket on the port of a connection.
  needs: ["virtual-time"],
  negotiation: [],
  expect: {
    "ftp-proxy": fails({ by: "server", notice: "425" }),
    conntrack: fails({ by: "server", notice: "425" }),
    none: fails({ by: "server", notice: "425" }),
  },
});
