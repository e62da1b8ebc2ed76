import { fails, scenario } from "anchorage";

export default scenario({
  title: "A server that never answers the SYN",
  quirk:
    "The way to the server swallows packets (here the firewall lets the proxy's SYN out and drops the answer). The client has been accepted at once, by the proxy, and sees its connection end after 30 s without a word.",
  sources: ["ftp-proxy.c 1.41: CONNECT_TIMEOUT", "quirks-seen: server-syn-blackhole"],
  priority: 2,
  needs: ["long-waits", "own-pf-conf"],
  // Before 4.7, nat keeps a state whatever the filter rule says.
  pfConf: (text) => text.replace(/^(pass out on .* port ftp)$/gm, "$1 no state").replace(/^nat on .*$/m, ""),
  async play({ client, anchor, log }) {
    await client.connects();
    await client.hearsNothing(29_000);
    await client.seesClose(2_000);
    await log.says("server timeout");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ at: "control connection", notice: "connection closed" }),
    none: fails({ at: "control connection", notice: "hangs" }),
  },
});
