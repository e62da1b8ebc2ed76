import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "--line-timeout: a command that never ends",
  quirk:
    "A client that sends a byte a minute and never a line's end keeps a session of ftp-proxy(8) for ever, since each byte resets its day of patience. With --line-timeout a line must end in its time.",
  sources: ["anchorage-ftp-proxy(8)", "quirks-seen: one-sided-idle"],
  priority: 3,
  proxyArgs: ["--line-timeout", "2"],
  async play(stage) {
    const { client, server, log, wait } = stage;
    await logsIn(stage);
    for (const byte of "NO") {
      await client.sendsSegments(byte);
      await wait(800);
    }
    await client.seesClose();
    await server.seesClose();
    await log.says("client does not finish its line");
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "NO", notice: "connection closed" }),
  },
});
