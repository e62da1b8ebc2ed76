import { fails, hostPort, logsIn, quits, says, scenario } from "anchorage";

/** The third host of a bounce attack. */
const VICTIM = { address: "203.0.113.9", port: 2_049 };

export default scenario({
  title: "--check-peer: a PORT that names another host",
  quirk:
    "A bounce attack does no harm behind ftp-proxy(8), since data goes to the client whatever PORT says; but it is not refused either. With --check-peer the proxy answers it itself, with a line in the log for who reads it, and the session goes on.",
  sources: ["anchorage-ftp-proxy(8)", "RFC 2577 §3", "captures/quirks/bounce-port-third-host.low.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  proxyArgs: ["--check-peer"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends(`PORT ${hostPort(VICTIM)}`);
    await client.gets(500);
    await log.says(`address ${VICTIM.address} is not the peer's`);
    await anchor.isEmpty();
    await says(client, server, "NOOP", "200 Well");
    await quits(stage);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "500" }),
    conntrack: fails({ by: "server", at: "PORT", notice: "hangs" }),
    none: fails({ by: "server", at: "PORT", notice: "hangs" }),
  },
});
