import { fails, hostPort, logsIn, says, scenario } from "anchorage";

export default scenario({
  title: "A 227 that a gateway before us has changed",
  quirk:
    "Another gateway on the way has already put a port of its own in the 227, and forgot to open it: the server listens elsewhere. ftp-proxy(8) trusts the port that it reads and opens the way to it, where the client is refused.",
  sources: ["drakkan/sftpgo #1853", "ftp-proxy.c 1.41", "quirks-seen: pasv-227-premangled"],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    const mangled = server.dataPort - 1;
    await server.sends(`227 Entering Passive Mode (${hostPort({ address: server.address, port: mangled })})`);
    await client.gets(227);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: mangled });
    await says(client, server, "RETR file", "150 Here it comes");
    await client.opensData();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "data connection", notice: "connection refused" }),
    conntrack: fails({ by: "server", at: "data connection", notice: "connection refused" }),
  },
});
