import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 227 with numbers above 255",
  quirk:
    "A malicious or broken server sends numbers that do not fit in a byte, and a reader that shifts and adds them makes other addresses and ports of them. ftp-proxy(8) checks all six and ends the session.",
  sources: [
    "RFC 959 §5.3.2",
    "curl tests/data/test237",
    "captures/quirks/pasv-227-octet-overflow.txt",
    "captures/quirks/pasv-227-octet-overflow.256.txt",
  ],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    for (const numbers of ["1216,256,2,127,127,127", "198,51,100,7,256,80"]) {
      await logsIn(stage);
      await client.sends("PASV");
      await server.gets("PASV");
      await proxyRefusesReply(stage, `227 Entering Passive Mode (${numbers})`);
    }
  },
  expect: {
    conntrack: fails({ by: "translation", at: "the 227", notice: "hangs" }),
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
    none: fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
