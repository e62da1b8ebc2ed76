import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 227 with words after the address",
  quirk:
    "A chatty server goes on after the parenthesis. ftp-proxy(8) starts to read at the last blank of the line, which is now among those words: it finds no port and ends the session.",
  sources: ["RFC 959 §4.2", "ftp-proxy.c 1.41 parse_port", "captures/quirks/pasv-227-text-after-tuple.txt"],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    await proxyRefusesReply(stage, `227 Entering Passive Mode (${server.hostPort}). Connect now`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
  },
});
