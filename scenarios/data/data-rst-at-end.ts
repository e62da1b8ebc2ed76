import { entersPassiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A data connection that ends with RST",
  quirk:
    "Embedded servers, and servers that close with unread data, reset where RFC 959 wants FIN. The bytes before it must arrive, the reset too, and the session goes on.",
  sources: ["RFC 959 §3.4", "ProFTPD NEWS bug 2863", "captures/quirks/data-rst-at-end.txt"],
  priority: 2,
  modes: ["passive"],
  needs: ["reset"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await client.sends("RETR file");
    await server.gets("RETR file");
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await serving.sends("all of the file");
    await fetching.gets("all of the file");
    await serving.resets();
    await fetching.seesReset();
    await server.sends("226 Done");
    await client.gets("226 Done");
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await quits(stage);
  },
});
