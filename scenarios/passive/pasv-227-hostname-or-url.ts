import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 227 with a host name or URL",
  quirk:
    "ftp-srv, configured with a URL for its passive address, turns every dot into a comma: only the last two numbers mean anything. ftp-proxy(8) finds no number behind the parenthesis and ends the session.",
  sources: [
    "QuorumDMS/ftp-srv #243",
    "QuorumDMS/ftp-srv #217",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-227-hostname-or-url",
  ],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    for (const address of ["ftp://files,example,com,255,231", "ftp://0,0,0,0,70,80"]) {
      await logsIn(stage);
      await client.sends("PASV");
      await server.gets("PASV");
      await proxyRefusesReply(stage, `227 PASV OK (${address})`);
    }
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "the 227", notice: "hangs" }),
    none: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
