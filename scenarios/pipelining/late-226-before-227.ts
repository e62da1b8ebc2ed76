import { downloadsPassively, entersPassiveMode, fails, logsIn, passiveReply, scenario, untouched } from "anchorage";

export default scenario({
  title: "The 226 of one transfer after the passive command of the next",
  quirk:
    "The client asks for the next data connection as soon as the first has closed; the server's second 226, or a late one, comes in between. ftp-proxy(8) takes it for the answer, forgets, and lets the real answer pass as it came. The rules that stand are those of the first transfer.",
  sources: ["RFC 959 §5.4", "proftpd-mod_proxy #337", "ftp-proxy.c 1.41: server_parse"],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    const first = { proxyPort: client.passivePort, serverPort: server.dataPort };
    await client.sends(command);
    await server.gets(command);
    await server.sends("226 Transfer complete");
    await server.listensForData();
    const reply = passiveReply(family, server);
    await server.sends(reply);
    await client.gets("226 Transfer complete");
    await client.gets(untouched(reply));
    await anchor.holdsPassive(first);
    await client.opensData();
  },
  expect: {
    "ftp-proxy": ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
