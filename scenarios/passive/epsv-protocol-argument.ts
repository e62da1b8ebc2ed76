import { downloadsPassively, fails, logsIn, quits, says, scenario, worksAfterDetour } from "anchorage";

export default scenario({
  title: "EPSV with a protocol",
  quirk:
    "wget and tnftp name the family after EPSV, and across translators it is the wrong one: the server answers 522 and tells which to use. Command and refusal pass as they are; the second try gets its rules like any EPSV.",
  sources: [
    "RFC 2428 §3",
    "NICMx/Jool #114",
    "captures/quirks/epsv-protocol-argument.txt",
    "captures/quirks/epsv-protocol-argument.inet6.txt",
  ],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const [right, wrong] = family === "inet" ? [1, 2] : [2, 1];
    await logsIn(stage);
    await says(client, server, `EPSV ${wrong}`, `522 Network protocol not supported, use (${right})`);
    await anchor.isEmpty();
    await client.sends(`EPSV ${right}`);
    await server.gets(`EPSV ${right}`);
    await server.listensForData();
    await server.sends(`229 Entering Extended Passive Mode (|||${server.dataPort}|)`);
    await client.gets(229);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: worksAfterDetour(),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
