import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A transfer that is longer than the idle limit",
  quirk:
    "With -t 5 and a transfer that takes longer, the control connection is silent for too long. ftp-proxy(8) ends the session, the client's side first; the data arrives whole, its 226 does not.",
  sources: [
    "ftp-proxy(8) -t",
    "RFC 1123 §4.1.3.2",
    "QuorumDMS/ftp-srv #387",
    "captures/quirks/idle-control-long-transfer.t2.txt",
  ],
  priority: 1,
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
    await serving.sends("first half, ");
    await fetching.gets("first half, ");
    await client.hearsNothing(1_000);
    await client.seesClose(5_000);
    await server.seesClose();
    await log.says("client timeout");
    await anchor.isEmpty();
    await stage.wait(stage.abridged(300_000));
    await serving.sendsFile("second half");
    await fetching.getsFile("second half");
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
