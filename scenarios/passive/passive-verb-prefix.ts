import { downloadsPassively, logsIn, quits, rewritten227, rewritten229, says, scenario } from "anchorage";

export default scenario({
  title: "Commands that only begin with PASV or EPSV",
  quirk:
    "ftp-proxy(8) compares four letters: `PASV extra` and `EPSVFOO` are PASV and EPSV to it. That is harmless as long as the server refuses them, and when it does not, they get their rules.",
  sources: [
    "RFC 959 §5.3",
    "ftp-proxy.c 1.41 client_parse_cmd",
    "captures/quirks/passive-verb-prefix.others.txt",
    "captures/openbsd-7.8/pasv_case_and_args.txt",
  ],
  priority: 3,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    const holdsRules = () => anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await logsIn(stage);
    await client.sends("EPSVFOO");
    await server.gets("EPSVFOO");
    await server.listensForData();
    await server.sends(`229 ok (|||${server.dataPort}|)`);
    await client.gets(rewritten229);
    await holdsRules();
    await client.sends("PASV extra");
    await server.gets("PASV extra");
    await server.listensForData();
    await server.sends(`227 ok (${server.hostPort})`);
    await client.gets(rewritten227(stage));
    await holdsRules();
    await says(client, server, "PASVX", "500 unknown");
    await holdsRules();
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
});
