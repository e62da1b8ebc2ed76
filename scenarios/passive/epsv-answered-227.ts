import { downloadsPassively, fails, logsIn, scenario, untouched } from "anchorage";

export default scenario({
  title: "EPSV answered by 227",
  quirk:
    "Some hosting servers answer EPSV as if it had been PASV. ftp-proxy(8) waits for 229 and nothing else: the 227 passes as it is, no rule is loaded, and a client that accepts it dials a closed firewall.",
  sources: ["RFC 2428 §3", "basic-ftp #164", "captures/quirks/epsv-answered-227.txt"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    const reply = `227 Entering Passive Mode (${server.hostPort}).`;
    await server.sends(reply);
    await client.gets(untouched(reply));
    await anchor.isEmpty();
    await downloadsPassively(stage);
  },
  expect: {
    "ftp-proxy": ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
