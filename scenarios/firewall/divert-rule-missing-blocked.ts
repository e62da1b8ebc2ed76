import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "No rule for control connections at all",
  quirk:
    "Proxy and anchor are in place, and the rule that diverts is missing. With a default-deny pf.conf the client's first SYN gets no answer.",
  sources: ["ftp-proxy(8)", "pf.conf(5) divert-to"],
  priority: 1,
  sides: ["forward"],
  needs: ["own-pf-conf"],
  pfConf: (text) => text.replace(/^(rdr pass|.* divert-to|.* rdr-to) .*$/gm, ""),
  play: logsIn,
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "control connection", notice: "hangs" }),
  },
});
