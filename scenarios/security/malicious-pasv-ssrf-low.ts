import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A 227 that names a service port of a neighbour",
  quirk:
    "The same probe at port 443. A port below 1024 ends the session in ftp-proxy(8), and the client never sees the reply.",
  sources: ["CVE-2020-8284", "ftp-proxy(8)", "captures/quirks/malicious-pasv-ssrf.low.txt"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.sends("227 Entering Passive Mode (10,0,0,1,1,187)");
    await client.seesClose();
    await server.seesClose();
    await log.says("bad port in '227 Entering Passive Mode (10,0,0,1,1,187)");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
    conntrack: fails({ by: "translation", at: "the 227", notice: "hangs" }),
    none: fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
