import { fails, hostPort, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 that a gateway before us has changed",
  who: "Another gateway on the way has already put a port of its own in the 227, and forgot to open it: the server listens elsewhere. ftp-proxy(8) trusts the port that it reads and opens the way to it, where the client is refused.",
  sources: ["drakkan/sftpgo #1853", "ftp-proxy.c 1.41", "quirks-seen: pasv-227-premangled"],
  families: ["inet"],
  replies: { PASV: ({ address, port }) => `227 Entering Passive Mode (${hostPort({ address, port: port - 1 })})` },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "data connection", notice: "connection refused" }),
    conntrack: fails({ by: "server", at: "data connection", notice: "connection refused" }),
  },
});
