import { downloadsPassively, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "PASV answered by 229",
  quirk:
    "Some servers, and a mobile network on the way, answer PASV as if it had been EPSV. ftp-proxy(8) waits for 227 and nothing else: the 229 passes as it is, no rule is loaded, and the client dials a closed firewall.",
  sources: [
    "RFC 2428 §3",
    "curl #10598",
    "python/cpython #127478",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-answered-229",
  ],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    const reply = `229 Entering Extended Passive Mode (|||${server.dataPort}|)`;
    await server.sends(reply);
    await client.gets(reply);
    await anchor.isEmpty();
    await downloadsPassively(stage);
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
