import { entersActiveMode, logsIn, quits, scenario, works } from "anchorage";

export default scenario({
  title: "PORT and no transfer",
  quirk:
    "A client says PORT, is silent for minutes and quits. The rules of ftp-proxy(8) do not grow old: the way in stays open for the server until the session ends, and then it is closed.",
  sources: ["RFC 959 §3.2", "ftp-proxy.c 1.41 end_session", "captures/quirks/port-without-transfer.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await stage.wait(stage.abridged(5 * 60_000));
    const extended = family === "inet6";
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort, extended });
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    none: works,
  },
});
