import { logsIn, scenario, stopsAt } from "anchorage";

export default scenario({
  title: "PASV over IPv6",
  quirk:
    "An old client says PASV although a 227 has no room for an IPv6 address. With -6 ftp-proxy(8) ends the session, and the server never sees the command.",
  sources: [
    "RFC 2428 §1",
    "ftp-proxy(8) -6",
    "captures/quirks/pasv-in-ipv6-mode.inet6.txt",
    "captures/quirks/pasv-in-ipv6-mode.reverse6.txt",
  ],
  priority: 1,
  families: ["inet6"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await client.seesClose();
    await server.seesClose();
    await log.says("PASV and PORT not allowed with IPv6");
    await anchor.isEmpty();
  },
  withoutProxy: stopsAt("client sees its control connection closed", "silence"),
  withConntrack: stopsAt("client sees its control connection closed", "silence"),
});
