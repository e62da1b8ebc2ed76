import { fails, logsIn, passiveReply, scenario } from "anchorage";

export default scenario({
  title: "A pass rule without divert-to",
  quirk:
    "The rule for control connections lost its `divert-to`. They pass by the proxy, which never hears of them: the session works until the first data connection, which nothing lets in.",
  sources: ["ftp-proxy(8)", "pf.conf(5) divert-to"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  sides: ["forward"],
  // In rdr-anchor a rule that redirects and one that passes are two.
  eras: ["divert-to", "rdr-to"],
  needs: ["own-pf-conf"],
  pfConf: (text) => text.replace(/ (divert-to|rdr-to) \S+ port \d+/g, ""),
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    const reply = passiveReply(family, server);
    await server.sends(reply);
    await client.gets(reply);
    await anchor.isEmpty();
    await client.opensData();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
