import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "--reply-421: a client is told before it is cut off",
  quirk:
    "ftp-proxy(8) ends a session without a word, and the client's user sees nothing but a broken connection. With --reply-421 the proxy says 421 and why, as RFC 959 has it for a service that closes.",
  sources: ["anchorage-ftp-proxy(8)", "RFC 959 §4.2.2", "captures/quirks/line-500-boundary.client_501_lf.txt"],
  priority: 2,
  proxyArgs: ["--reply-421"],
  async play(stage) {
    const { client, server, log } = stage;
    await logsIn(stage);
    await client.sends("CWD ".padEnd(600, "a"));
    await client.gets(421);
    await client.seesClose();
    await server.seesClose();
    await log.says("client command too long or not clean");
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "CWD", notice: "421" }),
    conntrack: fails({ by: "server", at: "CWD", notice: "hangs" }),
    none: fails({ by: "server", at: "CWD", notice: "hangs" }),
  },
});
