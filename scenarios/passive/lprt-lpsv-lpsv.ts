import { fails, logsIn, longHostPort, says, scenario } from "anchorage";

export default scenario({
  title: "LPSV",
  quirk:
    "tnftp and wget fall back to the long passive mode of RFC 1639 when EPSV fails. To ftp-proxy(8) a line that begins with L is no line to look at: the 228 passes as it is, no rule is loaded, and the client dials a closed firewall.",
  sources: ["RFC 1639", "drakkan/sftpgo #1082", "NICMx/Jool #114", "captures/quirks/lprt-lpsv.lpsv.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await server.listensForData();
    const listening = { address: server.address, port: server.dataPort };
    await says(client, server, "LPSV", `228 Entering Long Passive Mode (${longHostPort(listening)})`);
    await anchor.isEmpty();
    await says(client, server, "RETR file", "150 Here it comes");
    await client.opensData(listening);
  },
  expect: {
    "ftp-proxy": ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 228", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    conntrack: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 228", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    none: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 228", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
