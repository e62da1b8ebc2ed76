import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 227 that ends at the parenthesis",
  quirk:
    "An early LightFTP lost the address: `227 Entering Passive Mode (` and the end of the line. ftp-proxy(8) finds no port and ends the session; Linux drops the packet, and client and server wait for ever.",
  sources: ["hfiref0x/LightFTP #1", "captures/quirks/pasv-227-truncated.txt"],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await proxyRefusesReply(stage, "227 Entering Passive Mode (");
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "the 227", notice: "hangs" }),
    none: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
