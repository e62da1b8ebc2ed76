import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "PORT over IPv6",
  quirk:
    "A PORT with an IPv4 address on an IPv6 connection. ftp-proxy(8) with -6 does not even look at it: the session ends.",
  sources: ["RFC 2428 §1", "captures/quirks/port-in-ipv6-mode.reverse6.txt"],
  priority: 1,
  modes: ["active", "passive"],
  families: ["inet6"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("PORT 10,0,0,2,19,136");
    await client.seesClose();
    await server.seesClose();
    await log.says("PASV and PORT not allowed with IPv6");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "PORT", notice: "hangs" }),
    none: fails({ by: "server", at: "PORT", notice: "hangs" }),
  },
});
