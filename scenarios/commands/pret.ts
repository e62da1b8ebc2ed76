import { fails, hostPort, logsIn, quits, says, scenario, works } from "anchorage";

/** The slave that holds the file: a host beside the server, which has no part in the play. */
const SLAVES = { forward: "198.51.100.77", reverse: "10.0.0.77" } as const;
const SLAVE_PORT = 50_000;

export default scenario({
  title: "PRET and a slave host in the 227",
  quirk:
    "DrFTPD keeps files on slaves: PRET tells it which file will be asked for, and the 227 names the slave. ftp-proxy(8) passes PRET and does not read the address: the client is sent to the master, where nobody listens.",
  sources: ["curl tests 1107 and 1108", "drftpd-ng/drftpd", "captures/quirks/pret.txt"],
  priority: 2,
  modes: ["active", "passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor, side } = stage;
    await logsIn(stage);
    await says(client, server, "PRET RETR file", "200 OK, will use the slave");
    await anchor.isEmpty();
    await client.sends("PASV");
    await server.gets("PASV");
    await server.sends(`227 Entering Passive Mode (${hostPort({ address: SLAVES[side], port: SLAVE_PORT })})`);
    await client.gets(227);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: SLAVE_PORT });
    await client.cannotOpenData("refused");
    await quits(stage);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection refused" }),
    conntrack: ({ side }) =>
      side === "forward" ? fails({ by: "firewall", at: "data connection", notice: "connection closed" }) : works,
    none: ({ side }) =>
      side === "forward" ? fails({ by: "firewall", at: "data connection", notice: "connection closed" }) : works,
  },
});
