import { downloadsActively, fails, logsIn, quits, scenario, uploadsActively } from "anchorage";

export default scenario({
  title: "EPRT, download and upload",
  quirk:
    "The baseline of extended active mode, and the only active mode over IPv6: family, address and port between vertical bars, rewritten to the proxy's own.",
  sources: ["RFC 2428 §2", "ftp-proxy(8)", "captures/openbsd-7.8/eprt4.txt", "captures/openbsd-7.8/eprt6.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await anchor.isEmpty();
    for (const transfers of [downloadsActively, uploadsActively]) {
      await client.listensForData();
      await client.sends(`EPRT ${client.extendedHostPort}`);
      await server.gets(/^EPRT \|[12]\|[^|]+\|\d+\|$/);
      await server.sends("200 EPRT command successful");
      await client.gets("200 EPRT command successful");
      await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort, extended: true });
      await transfers(stage);
    }
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "EPRT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
