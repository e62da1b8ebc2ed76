import { fails, scenario } from "anchorage";

export default scenario({
  title: "The old rdr-to rule with a proxy of today",
  quirk:
    "Until 5.0 the manual showed rdr-to, and the proxy asked PF where the client wanted to go. Today's asks its own socket: after rdr-to that is the proxy itself, which it dials, until -m is reached and all sessions collapse. The client sees the end, the server nothing.",
  sources: ["ftp-proxy.c 1.9 and 1.41", "captures/quirks/divert-vs-rdr-lookup.rdr.txt"],
  priority: 1,
  sides: ["forward"],
  eras: ["divert-to"],
  needs: ["own-pf-conf", "redirect-to-loopback"],
  proxyArgs: ["-m", "5"],
  pfConf: (text) => text.replaceAll(" divert-to ", " rdr-to "),
  async play({ client, anchor, log, family }) {
    const loopback = family === "inet" ? "127.0.0.1" : "::1";
    await client.connects();
    await client.seesClose();
    await log.says(`#1 FTP session 1/5 started`);
    await log.says(`to server ${loopback} via proxy ${loopback}`);
    await log.says(`client limit (5) reached, refusing connection from ${loopback}`);
    await log.says("#5 server close");
    await log.says("#1 server close");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    none: fails({ by: "server", at: "the greeting", notice: "hangs" }),
  },
});
