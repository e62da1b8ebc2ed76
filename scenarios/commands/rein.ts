import { entersActiveMode, logsIn, quits, says, scenario, works } from "anchorage";

export default scenario({
  title: "REIN, and another user on the same connection",
  quirk:
    "The session begins anew for the server, not for ftp-proxy(8): rules that the first user's PORT or EPRT loaded stay for the second.",
  sources: ["RFC 959 §4.1.1 REIN", "captures/quirks/rein.txt"],
  priority: 3,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await says(client, server, "REIN", "220 Who are you now?");
    await says(client, server, "USER ftp", "331 Any password will do");
    await says(client, server, "PASS other@example.org", "230 Logged in");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
    });
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    none: works,
  },
});
