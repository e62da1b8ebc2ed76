import { entersPassiveMode, FILE, fails, logsIn, scenario } from "anchorage";

/** More than any window: the sender must stand still. */
const LARGE = FILE.repeat(10);

export default scenario({
  title: "A download that stands still for longer than -t",
  quirk:
    "The receiver stops reading, its window closes, and the control connection is silent for longer than the idle limit. ftp-proxy(8) counts control bytes only and ends the session; the data connection waits and goes on.",
  sources: ["ftp-proxy(8) -t", "RFC 9293 §3.8.6.1", "captures/quirks/idle-control-long-transfer.t2.txt"],
  priority: 3,
  modes: ["passive"],
  proxyArgs: ["-t", "5"],
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
    await fetching.stopsReading();
    await serving.sendsFile(LARGE);
    await client.seesClose();
    await log.says("client timeout");
    await anchor.isEmpty();
    await stage.wait(stage.abridged(30_000));
    await fetching.readsOn();
    await fetching.getsFile(LARGE);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
