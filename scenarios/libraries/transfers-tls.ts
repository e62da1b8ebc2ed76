import { basicFtpClient, FILE, fails, ftpSrvServer, scenario, testCertificate } from "anchorage";

export default scenario({
  title: "basic-ftp and ftp-srv, explicit TLS",
  quirk:
    "The client seals its control connection after AUTH TLS. ftp-proxy(8) cannot read what follows, takes the ClientHello for a line that is not clean, and ends the session. Without a proxy the login goes through, and the data connection, whose port no firewall can read, does not.",
  sources: ["RFC 4217 §4", "ftp-proxy(8) CAVEATS", "basic-ftp", "ftp-srv"],
  priority: 1,
  modes: ["passive"],
  client: basicFtpClient({ tls: { how: "explicit" } }),
  server: ftpSrvServer({ files: { "/file": FILE }, tls: testCertificate }),
  async play({ client, log, anchor }) {
    const connecting = client.connects();
    await connecting.catch(() => log.says("client command too long or not clean"));
    await anchor.isEmpty();
    await connecting;
    await client.lists("file", FILE.length);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "TLS" }),
    conntrack: fails({ by: "firewall", at: "data connection" }),
    none: fails({ by: "firewall", at: "data connection" }),
  },
});
