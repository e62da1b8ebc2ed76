import { entersActiveMode, FILE, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A server that dials twice",
  quirk:
    "After one PORT or EPRT the server opens a second connection while the first is in use. `max 1` holds in this direction too: the second SYN gets no answer.",
  sources: ["RFC 959 §3.2", "pf.conf(5) max", "captures/openbsd-7.8/max1_second_connection.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await client.sends("RETR file");
    await server.gets("RETR file");
    const serving = await server.dialsData();
    const fetching = await client.acceptsData();
    await server.cannotDialData("no-answer", { from: 0 });
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await server.sends("226 Done");
    await client.gets("226 Done");
    await quits(stage);
    await anchor.isEmpty();
  },
});
