import { fails, hostPort, logsIn, rewritten227, says, scenario } from "anchorage";

/** A machine of the same cluster, so they say. */
const ELSEWHERE = { address: "203.0.113.20", port: 50_000 };

export default scenario({
  title: "A 227 that names another host",
  quirk:
    "Servers of a cluster or a CDN really want the data on another machine; hostile ones want the client to knock at somebody's door. ftp-proxy(8) reads only the port and opens it towards the server of the control connection, where nobody listens: the client is refused.",
  sources: [
    "RFC 2577 §3",
    "CVE-2020-8284 (curl)",
    "CVE-2021-4189 (CPython)",
    "jsftp #42",
    "captures/quirks/pasv-227-foreign-data-host.txt",
  ],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.sends(`227 Entering Passive Mode (${hostPort(ELSEWHERE)})`);
    await client.gets(rewritten227(stage));
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: ELSEWHERE.port });
    await says(client, server, "RETR file", "150 Here it comes");
    await client.opensData();
  },
  expect: {
    conntrack: ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection refused" }),
  },
});
