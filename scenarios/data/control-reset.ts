import { entersPassiveMode, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A client that resets its control connection in a transfer",
  quirk:
    "The client crashes or cannot wait. ftp-proxy(8) ends the session and empties its anchor; the states of the running transfer live on, and the data arrives.",
  sources: ["RFC 959 §5.2", "ftp-proxy.c 1.41: client_error", "captures/quirks/control-reset.client.txt"],
  priority: 2,
  modes: ["passive"],
  needs: ["reset"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await client.sends("RETR file");
    await server.gets("RETR file");
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await server.sends("150 Here it comes");
    await client.gets("150 Here it comes");
    await serving.sends("first half, ");
    await fetching.gets("first half, ");
    await client.resets();
    await server.seesClose();
    await log.says("client reset connection");
    await anchor.isEmpty();
    await serving.sendsFile("second half");
    await fetching.getsFile("second half");
  },
});
