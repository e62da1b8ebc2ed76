import { fails, hangsUpAt, hostPort, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with a privileged port",
  who: "A hostile or misconfigured server names a port below 1024, and a firewall that obeys opens the way to ssh or worse. ftp-proxy(8) ends the session over each of them; 1024 is the first port that it opens.",
  sources: [
    "RFC 2577 §3",
    "ftp-proxy(8) CAVEATS",
    "captures/quirks/pasv-227-low-port.txt",
    "captures/quirks/pasv-227-low-port.zero.txt",
    "captures/openbsd-7.8/pasv_227_port1024.txt",
  ],
  priority: 1,
  families: ["inet"],
  replies: { PASV: ({ address }) => `227 Entering Passive Mode (${hostPort({ address, port: 22 })})` },
  expect: {
    "ftp-proxy": hangsUpAt("the 227"),
    conntrack: fails({ by: "server", at: "data connection", notice: "connection refused" }),
  },
});
