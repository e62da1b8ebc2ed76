import { entersPassiveMode, logsIn, scenario } from "anchorage";

export default scenario({
  title: "QUIT and close in the midst of a transfer",
  quirk:
    "lftp and browsers drop the control connection while data flows. ftp-proxy(8) ends the session and its rules are gone, but PF keeps the states: the file arrives whole, only the 226 is lost.",
  sources: ["RFC 959 §4.1.1 QUIT", "mtheall/ftpd #215", "captures/quirks/control-closed-mid-transfer.txt"],
  priority: 1,
  modes: ["passive"],
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
    await client.sends("QUIT");
    await client.closes();
    await server.gets("QUIT");
    await server.seesClose();
    await log.says("client close");
    await anchor.isEmpty();
    await serving.sendsFile("second half");
    await fetching.getsFile("second half");
  },
});
