import { activeCommand, downloadsActively, fails, logsIn, quits, scenario } from "anchorage";

const REPLY = ["250 Command successful"];

export default scenario({
  title: "PORT, answered with 250",
  quirk:
    "Some servers answer PORT with 250, which RFC 959 does not list for it. Today's ftp-proxy(8) does not read that reply; its classic generation waited for a line that begins with `200 ` and opened nothing after another.",
  sources: ["RFC 959 §5.4", "ftp-proxy.c 1.13: server_parse", "quirks-seen: port-reply-not-plain-200"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(activeCommand(family, client));
    await server.gets(/^(PORT|EPRT) /);
    for (const line of REPLY) await server.sends(line);
    for (const line of REPLY) await client.gets(line);
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
      withoutConsent: true,
    });
    await downloadsActively(stage);
    await quits(stage);
  },
  expect: {
    classic: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
