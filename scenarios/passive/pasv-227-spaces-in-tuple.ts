import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 227 with blanks after the commas",
  quirk:
    "Some servers write the six numbers as prose, with a blank after each comma. ftp-proxy(8) starts to read at the last blank, which is now inside the address: it finds no port and ends the session.",
  sources: [
    "RFC 959 §5.3.2",
    "FluentFTP Client/Modules/PassivePortModule.cs",
    "captures/quirks/pasv-227-spaces-in-tuple.txt",
  ],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    await proxyRefusesReply(stage, `227 Entering Passive Mode (${server.hostPort.replaceAll(",", ", ")})`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "the 227", notice: "hangs" }),
    none: ({ side }) =>
      side === "forward"
        ? fails({ by: "server", at: "RETR", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
