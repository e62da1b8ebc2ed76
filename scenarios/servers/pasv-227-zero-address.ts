import { fails, hostPort, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with the address 0.0.0.0",
  who: "A server that was told to listen on every address (docker images with pasv_address=0.0.0.0) says so in its 227, and a client that believes it dials itself. ftp-proxy(8) reads only the port, and the client gets its data from where it logged in.",
  sources: [
    "garethflowers/docker-ftp-server #88",
    "commons-net FTPClient",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-227-zero-address",
  ],
  priority: 1,
  families: ["inet"],
  replies: { PASV: ({ port }) => `227 Entering Passive Mode (${hostPort({ address: "0.0.0.0", port })}).` },
  expect: {
    conntrack: fails({ at: "the 227" }),
    none: fails({ at: "the 227" }),
  },
});
