import { basicFtpClient, FILE, fails, ftpSrvServer, scenario, testCertificate } from "anchorage";

export default scenario({
  title: "--tls: the control connection stays, the data connection does not come",
  quirk:
    "With --tls the proxy stops looking after a 234 and passes on what it cannot read, so basic-ftp logs in to ftp-srv over TLS. The port in the sealed 229 reaches nobody but the client, and its data connection is dropped: FTPS needs a firewall with open ports, not a proxy.",
  sources: ["anchorage-ftp-proxy(8)", "RFC 4217 §4", "ftp-proxy(8) CAVEATS"],
  priority: 1,
  modes: ["passive"],
  proxyArgs: ["--tls"],
  client: basicFtpClient({ tls: { how: "explicit" } }),
  server: ftpSrvServer({ files: { "/file": FILE }, tls: testCertificate }),
  async play({ client, anchor, log }) {
    await client.connects();
    await log.says("TLS negotiated, no longer inspecting");
    await anchor.isEmpty();
    await client.lists("file", FILE.length);
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection" }),
    conntrack: fails({ by: "firewall", at: "data connection" }),
    none: fails({ by: "firewall", at: "data connection" }),
  },
});
