import { fails, logsIn, passiveReply, scenario, untouched } from "anchorage";

export default scenario({
  title: "An empty line while a passive reply is awaited",
  quirk:
    "Some clients and NAT devices send empty lines. ftp-proxy(8) sends them on, but each clears its memory of the PASV before it: the reply passes as it came, no rules are loaded, and the client dials in vain.",
  sources: ["vsftpd Changelog", "captures/quirks/blank-lines.txt"],
  priority: 3,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sends(command);
    await server.gets(command);
    await client.sendsSegments("\r\n");
    await server.getsBytes("\r\n");
    await server.listensForData();
    const reply = passiveReply(family, server);
    await server.sends(reply);
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
