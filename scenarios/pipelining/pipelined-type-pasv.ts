import { fails, logsIn, passiveReply, scenario, untouched } from "anchorage";

export default scenario({
  title: "TYPE and a passive command in one segment",
  quirk:
    "lftp without sync-mode, and other clients that write commands at once. The reply to TYPE comes while ftp-proxy(8) awaits a 227 or 229, clears its memory, and the passive reply passes as it came: no rules, and the client dials in vain.",
  sources: ["ftp-proxy.c 1.41: server_parse", "lftp(1) ftp:sync-mode", "captures/quirks/pipelined-type-pasv.txt"],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sendsSegments(`TYPE I\r\n${command}\r\n`);
    await server.gets("TYPE I");
    await server.gets(command);
    await server.listensForData();
    const reply = passiveReply(family, server);
    await server.sends("200 Type set");
    await server.sends(reply);
    await client.gets("200 Type set");
    await client.gets(untouched(reply));
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
