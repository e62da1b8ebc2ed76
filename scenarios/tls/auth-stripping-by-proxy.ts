import { logsIn, quits, scenario } from "anchorage";

const FEATURES = ["211-Features", " AUTH TLS", " AUTH SSL", " PBSZ", " PROT", " EPSV", "211 End"];

export default scenario({
  title: "AUTH TLS in a list of features",
  quirk:
    "Some gateways strip AUTH from FEAT so that clients stay readable to them, a downgrade. ftp-proxy(8) does not: the list arrives as the server wrote it.",
  sources: ["RFC 4217 §6", "Fortinet explicit-ftp-tls", "captures/quirks/auth-stripping-by-proxy.txt"],
  priority: 2,
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("FEAT");
    await server.gets("FEAT");
    await server.sendsSegments(FEATURES.map((line) => `${line}\r\n`).join(""));
    for (const line of FEATURES) await client.gets(line);
    await quits(stage);
  },
});
