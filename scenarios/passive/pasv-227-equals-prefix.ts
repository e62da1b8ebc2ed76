import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 227 with an equals sign before the address",
  quirk:
    "Minimal servers in the manner of publicfile write `227 =` and the six numbers. RFC 1123 asks clients to look for the first digit; ftp-proxy(8) wants a parenthesis after the last blank and ends the session.",
  sources: ["RFC 1123 §4.1.2.6", "publicfile", "captures/quirks/pasv-227-equals-prefix.txt"],
  priority: 3,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    await proxyRefusesReply(stage, `227 =${server.hostPort}`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
  },
});
