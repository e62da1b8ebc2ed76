import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A server that resets its control connection in a transfer",
  quirk:
    "The server's control process crashes while another sends the file. ftp-proxy(8) logs it as a refused connection, ends the session and empties its anchor; the data arrives all the same.",
  sources: ["RFC 959 §5.2", "ftp-proxy.c 1.41: server_error", "captures/quirks/control-reset.server.txt"],
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
    await server.resets();
    await client.seesClose();
    await log.says("server refused connection");
    await anchor.isEmpty();
    await serving.sendsFile("second half");
    await fetching.getsFile("second half");
  },
  expect: {
    conntrack: fails({ by: "server", at: "RETR", notice: "connection reset" }),
    "ftp-proxy": fails({ by: "server", at: "RETR", notice: "connection closed" }),
  },
});
