import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

/** The first port too many, one that FluentFTP's users have seen, curl's, and two privileged ones. */
const REFUSED = [65_536, 71_121, 1_000_000, 22, 1023];

export default scenario({
  title: "A 229 with a port out of range",
  quirk:
    "Broken servers name ports that do not fit in 16 bits, hostile ones privileged ports. A reader that cuts the number off opens a port that nobody meant; ftp-proxy(8) ends the session.",
  sources: [
    "RFC 2428 §3",
    "curl tests/data/test238",
    "FluentFTP #760",
    "captures/quirks/epsv-229-port-range.big.txt",
    "captures/openbsd-7.8/epsv_229_low.txt",
  ],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    for (const port of REFUSED) {
      await logsIn(stage);
      await client.sends("EPSV");
      await server.gets("EPSV");
      await proxyRefusesReply(stage, `229 Entering Extended Passive Mode (|||${port}|)`);
    }
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 229", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "the 229", notice: "hangs" }),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
