import { logsIn, scenario } from "anchorage";

const FILE = "a short file\r\n";
/** A SYN is repeated after a second at the earliest (RFC 6298 §2). */
const RETRANSMISSION_MS = 900;

export default scenario({
  title: "The same PORT twice, and a server on port 20",
  quirk:
    "The client names one port again and again, the server dials from 20 each time. The proxy's port differs, but on the client's side the connection looks the same: PF clears the old states out of the way and drops the SYN that met them, so every transfer but the first starts with a repeated SYN.",
  sources: ["RFC 959 §3.3", "proftpd PR #812", "captures/quirks/server-port20-time-wait.retransmit.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    const { clock } = stage.hosts.server;
    await logsIn(stage);
    const { port } = await client.listensForData();
    const proxyPorts = new Set<number>();
    for (const round of ["first", "second", "third"]) {
      await client.sends(`PORT ${client.hostPort}`);
      await server.gets(/^PORT /);
      proxyPorts.add(server.activePort);
      await server.sends("200 Command successful");
      await client.gets("200 Command successful");
      await anchor.holdsActive({ proxyPort: server.activePort, clientPort: port });
      const dialledAtMs = clock.now();
      const serving = await server.dialsData();
      const tookMs = clock.now() - dialledAtMs;
      const fetching = await client.acceptsData();
      await stage.step(
        "play",
        round === "first" ? "the first SYN got through" : "the first SYN was lost",
        (_, differs) => {
          if (tookMs >= RETRANSMISSION_MS !== (round !== "first")) {
            differs("dialogue", round === "first" ? "no delay" : "a repeated SYN", `${tookMs} ms`);
          }
        },
      );
      await serving.sendsFile(FILE);
      await fetching.getsFile(FILE);
      await stage.wait(stage.abridged(4_000));
    }
    await stage.step("play", "the proxy named another port each time", (_, differs) => {
      if (proxyPorts.size !== 3) differs("dialogue", "three ports", [...proxyPorts].join(", "));
    });
  },
});
