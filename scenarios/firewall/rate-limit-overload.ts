import { fails, scenario } from "anchorage";

const limited = fails({ by: "firewall", at: "control connection", notice: "hangs" });

export default scenario({
  title: "A client that is faster than the firewall's rate limit",
  quirk:
    "A client opens a session for each file. The fourth within 30 s puts it into the table of bad hosts; all its states are flushed.",
  sources: ["lavv17/lftp #337", "pf.conf(5) max-src-conn-rate, overload, flush"],
  priority: 2,
  families: ["inet"],
  sides: ["forward"],
  eras: ["divert-to"],
  needs: ["own-pf-conf"],
  pfConf: (text) =>
    text.replace(
      /^pass in (quick )?on \$int_if inet proto tcp from \$lan to any port ftp.*$/m,
      "table <bad> persist\nblock drop in quick from <bad>\n$& keep state (max-src-conn-rate 3/30, overload <bad> flush global)",
    ),
  async play({ client, server }) {
    for (const first of [true, false, false]) {
      const [dials, accepts] = first ? [client, server] : [client.another(), server.another()];
      await dials.connects();
      await accepts.accepts();
      await accepts.sends("220 Ready");
      await dials.gets("220 Ready");
    }
    const fourth = client.another();
    await fourth.connects();
    await fourth.hearsNothing(60_000);
  },
  expect: { "ftp-proxy": limited, none: limited },
});
