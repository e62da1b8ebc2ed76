import { downloadsActively, fails, logsIn, quits, scenario, ThirdHost } from "anchorage";

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
    const bounced = server.active.address !== roles.proxy;
    await stage.step("server", "is sent to the firewall", (_, differs) => {
      if (bounced) differs("dialogue", roles.proxy, server.active.address);
    });
    // RFC 2577 §3: where the proxy does not prevent the bounce, the server does.
    const reply = bounced ? "501 Not an address of yours" : "200 Command successful";
    await server.sends(reply);
    await client.gets(reply);
    if (bounced) return quits(stage);
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: third.endpoint.port,
      extended: family === "inet6",
    });
    await downloadsActively(stage);
    await third.wasLeftAlone();
    await quits(stage);
  },
  expect: {
    conntrack: fails({ by: "server", at: ["PORT", "EPRT"], notice: "501" }),
    none: fails({ by: "server", at: ["PORT", "EPRT"], notice: "501" }),
  },
});
