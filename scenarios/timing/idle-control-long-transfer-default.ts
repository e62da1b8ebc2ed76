import { entersPassiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A transfer of twenty hours",
  quirk:
    "The default idle limit is a day because nothing else keeps long transfers alive: after twenty silent hours the 226 still arrives.",
  sources: ["ftp-proxy(8) -t", "RFC 1123 §4.1.3.2", "quirks-seen: idle-control-long-transfer, t10"],
  priority: 1,
  modes: ["passive"],
  needs: ["virtual-time"],
  limitMs: 24 * 3_600_000,
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await client.sends("RETR file");
    await server.gets("RETR file");
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await server.sends("150 Here it comes");
    await client.gets("150 Here it comes");
    for (let hour = 1; hour <= 20; hour++) {
      await serving.sends("an hour's worth of data, ");
      await fetching.gets("an hour's worth of data, ");
      await stage.wait(3_600_000);
    }
    await serving.sendsFile("the end");
    await fetching.getsFile("the end");
    await server.sends("226 Done");
    await client.gets("226 Done");
    await quits(stage);
  },
});
