import { fails, logsIn, passiveReply, scenario, untouched } from "anchorage";

export default scenario({
  title: "A keep-alive NOOP between a passive command and its reply",
  quirk:
    "FluentFTP, node-ftp and others send NOOP by a clock of their own. When it falls behind a PASV or EPSV whose reply is still out, ftp-proxy(8) forgets the command and opens nothing.",
  sources: [
    "mscdex/node-ftp PR #151",
    "ftp-proxy.c 1.41: client_parse",
    "captures/quirks/noop-between-pasv-and-227.txt",
  ],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sends(command);
    await server.gets(command);
    await client.sends("NOOP");
    await server.gets("NOOP");
    await server.listensForData();
    const reply = passiveReply(family, server);
    await server.sends(reply);
    await server.sends("200 Zzz");
    await client.gets(untouched(reply));
    await client.gets("200 Zzz");
    await anchor.isEmpty();
    await client.opensData();
  },
  expect: {
    "ftp-proxy": ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
