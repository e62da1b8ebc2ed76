import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A proxy that gets SIGTERM in the midst of a transfer",
  quirk:
    "rcctl stop while someone downloads. ftp-proxy(8) ends every session and empties every anchor before it exits; PF carries the running data connection to its end.",
  sources: ["ftp-proxy.c 1.41: exit_daemon", "captures/quirks/proxy-terminated.term.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, log, proxy } = stage;
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
    await proxy.terminates();
    await client.seesClose();
    await server.seesClose();
    await log.says("exiting on signal 15");
    await anchor.isEmpty();
    await serving.sendsFile("second half");
    await fetching.getsFile("second half");
    await client.cannotOpenData("no-answer");
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
