import { fails, logsIn, longHostPort, says, scenario } from "anchorage";

export default scenario({
  title: "LPRT",
  quirk:
    "tnftp and wget fall back to the long active mode of RFC 1639 when EPRT fails. To ftp-proxy(8) a line that begins with L is no line to look at: it passes as it is, no rule is loaded, and the server dials a closed firewall.",
  sources: ["RFC 1639", "drakkan/sftpgo #1082", "NICMx/Jool #114", "captures/quirks/lprt-lpsv.lprt.inet6.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    const listening = { address: client.address, port: client.dataPort };
    await says(client, server, `LPRT ${longHostPort(listening)}`, "200 LPRT command successful");
    await anchor.isEmpty();
    await says(client, server, "RETR file", "150 Here it comes");
    await server.dialsData({ to: listening });
  },
  expect: {
    "ftp-proxy": ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "LPRT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    conntrack: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "LPRT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "LPRT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
