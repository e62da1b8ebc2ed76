import { downloadsPassively, fails, hostPort, logsIn, quits, rewritten227, scenario } from "anchorage";

export default scenario({
  title: "A 227 with the address 0.0.0.0",
  quirk:
    "A server that was told to listen on every address (docker images with pasv_address=0.0.0.0) says so in its 227, and a client that believes it dials itself. ftp-proxy(8) reads only the port, and the client gets its data from where it logged in.",
  sources: [
    "garethflowers/docker-ftp-server #88",
    "commons-net FTPClient",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-227-zero-address",
  ],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    await server.sends(`227 Entering Passive Mode (${hostPort({ address: "0.0.0.0", port: server.dataPort })}).`);
    await client.gets(rewritten227(stage));
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    conntrack: fails({ by: "translation", at: "the 227", notice: "hangs" }),
    none: fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
