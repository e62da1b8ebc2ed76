import { downloadsPassively, fails, logsIn, scenario, untouched } from "anchorage";

export default scenario({
  title: "P@SW instead of PASV",
  quirk:
    "A router of SMC changed PASV on its way so that it need not look at the reply, and vsftpd and pure-ftpd still take P@SW for PASV. ftp-proxy(8) does not: the 227 passes as it is, no rule is loaded.",
  sources: [
    "RFC 1123 §4.1.3.1",
    "vsftpd postlogin.c",
    "pure-ftpd src/ftp_parser.c",
    "captures/quirks/pasv-alias-psw.txt",
  ],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("P@SW");
    await server.gets("P@SW");
    await server.listensForData();
    const reply = `227 Entering Passive Mode (${server.hostPort})`;
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
