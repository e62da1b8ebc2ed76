import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 227 with a negative number",
  quirk:
    "A server that keeps its port in signed bytes prints 195 as -61, and some clients (basic-ftp, node-ftp) read even that. ftp-proxy(8) reads an unsigned number far above 255 and ends the session.",
  sources: [
    "RFC 959 §5.3.2",
    "basic-ftp src/transfer.ts parsePasvResponse",
    "node-ftp lib/connection.js",
    "captures/quirks/pasv-227-negative-bytes.txt",
  ],
  priority: 3,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await proxyRefusesReply(stage, "227 Entering Passive Mode (198,51,100,7,-61,80)");
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "the 227", notice: "hangs" }),
    none: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
