import { downloadsPassively, logsIn, quits, rewritten227, scenario } from "anchorage";

export default scenario({
  title: "A 227 in the server's own words",
  quirk:
    "ftp-srv says `PASV OK`, others `Switched to passive mode`, and firewalls that look for the English words of the canonical reply miss it. For ftp-proxy(8) only the code and the numbers count; the client always gets the canonical words.",
  sources: [
    "RFC 959 §4.2",
    "ftp-srv src/commands/registration/pasv.js",
    "pure-ftpd src/ftpd.c dopasv",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-227-custom-wording",
  ],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    for (const words of ["PASV OK", "Switched to passive mode"]) {
      await client.sends("PASV");
      await server.gets("PASV");
      await server.listensForData();
      await server.sends(`227 ${words} (${server.hostPort})`);
      await client.gets(rewritten227(stage));
      await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
      await downloadsPassively(stage);
    }
    await quits(stage);
    await anchor.isEmpty();
  },
});
