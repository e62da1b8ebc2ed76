import { Deviation, downloadsActively, logsIn, quits, scenario, stopsAt, ThirdHost } from "anchorage";

export default scenario({
  title: "A bounce to a third host",
  quirk:
    "The client's PORT or EPRT names another host: the FTP bounce of scanners, and FXP. ftp-proxy(8) does not read the address: the server is sent to the proxy, its data comes to the client itself, and the third host sees nothing.",
  sources: ["RFC 2577 §2", "ftp-proxy(8) CAVEATS", "captures/quirks/bounce-port-third-host.low.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family, roles } = stage;
    const third = await ThirdHost.of(stage);
    await logsIn(stage);
    await client.listensForData(third.endpoint.port);
    await client.sends(family === "inet" ? `PORT ${third.hostPort}` : `EPRT ${third.extendedHostPort}`);
    await server.gets(/^(PORT|EPRT) /);
    await stage.step("server", "is sent to the firewall", () => {
      const { address } = server.active;
      if (address !== roles.proxy) throw new Deviation("other-bytes", roles.proxy, address);
    });
    await server.sends("200 Command successful");
    await client.gets("200 Command successful");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: third.endpoint.port,
      extended: family === "inet6",
    });
    await downloadsActively(stage);
    await third.wasLeftAlone();
    await quits(stage);
  },
  withoutProxy: stopsAt("server is sent to the firewall", "other-bytes"),
  withConntrack: stopsAt("server is sent to the firewall", "other-bytes"),
});
