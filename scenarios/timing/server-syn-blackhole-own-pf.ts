import { fails, scenario } from "anchorage";

export default scenario({
  title: "A firewall that blocks its own proxy",
  quirk:
    "Someone forgot the rule that lets the proxy dial out. PF refuses the SYN before it leaves, connect(2) fails at once, and the client sees its connection end without a word.",
  sources: [
    "ftp-proxy(8)",
    "quirks-seen: server-syn-blackhole, own_pf_blocks",
    "captures/quirks/server-syn-blackhole.own_pf_blocks.txt",
  ],
  priority: 2,
  needs: ["own-pf-conf", "own-packet-refusal"],
  pfConf: (text) => text.replace(/^pass out on .* port ftp$/gm, ""),
  async play({ client, anchor, log }) {
    await client.connects();
    await client.seesClose(1_000);
    await log.says("proxy cannot connect to server");
    await log.says("Permission denied");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "control connection", notice: "connection closed" }),
    none: fails({ by: "firewall", at: "control connection", notice: "hangs" }),
  },
});
