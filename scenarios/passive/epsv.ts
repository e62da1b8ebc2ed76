import { downloadsPassively, fails, logsIn, quits, scenario, uploadsPassively } from "anchorage";

export default scenario({
  title: "EPSV, download and upload",
  quirk:
    "The baseline of extended passive mode, and the only passive mode over IPv6: the 229 reply names a port and no address, and the proxy puts its own port there.",
  sources: ["RFC 2428 §3", "ftp-proxy(8)", "captures/openbsd-7.8/epsv4.txt", "captures/openbsd-7.8/epsv6.txt"],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await anchor.isEmpty();
    for (const transfers of [downloadsPassively, uploadsPassively]) {
      await client.sends("EPSV");
      await server.gets("EPSV");
      await server.listensForData();
      await server.sends(`229 Entering Extended Passive Mode (|||${server.dataPort}|)`);
      await client.gets(/^229 Entering Extended Passive Mode \(\|\|\|\d+\|\)$/);
      await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
      await transfers(stage);
    }
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
