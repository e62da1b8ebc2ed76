import { entersPassiveMode, FILE, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "An upload that ends with a half-close",
  quirk:
    "The client sends FIN after its file and goes on listening; the server keeps its side open until it has said 226. A relay that answers one FIN with two would cut the server short.",
  sources: ["RFC 959 §3.4.1", "mtheall/ftpd #167"],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await client.sends("STOR file");
    await server.gets("STOR file");
    const storing = await client.opensData();
    const taking = await server.acceptsData();
    await server.sends("150 Send it");
    await client.gets("150 Send it");
    await storing.sends(FILE);
    await storing.halfCloses();
    await taking.gets(FILE);
    await taking.seesEnd();
    await stage.wait(stage.abridged(5_000));
    await server.sends("226 Done");
    await client.gets("226 Done");
    await taking.closes();
    await storing.seesEnd();
    await quits(stage);
  },
});
