import { hostPort, logsIn, scenario, stopsAt } from "anchorage";

export default scenario({
  title: "PORT over IPv6",
  quirk:
    "An old client says PORT although it has no room for the address of an IPv6 connection. With -6 ftp-proxy(8) ends the session, and the server never sees the command.",
  sources: ["RFC 2428 §1", "ftp-proxy(8) -6", "captures/quirks/port-in-ipv6-mode.reverse6.txt"],
  priority: 1,
  families: ["inet6"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`PORT ${hostPort({ address: "10.0.0.5", port: client.dataPort })}`);
    await client.seesClose();
    await server.seesClose();
    await log.says("PASV and PORT not allowed with IPv6");
    await anchor.isEmpty();
  },
  withoutProxy: stopsAt("client sees its control connection closed", "silence"),
  withConntrack: stopsAt("client sees its control connection closed", "silence"),
});
