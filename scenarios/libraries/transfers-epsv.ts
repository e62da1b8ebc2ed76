import { basicFtpClient, FILE, fails, ftpSrvServer, scenario } from "anchorage";

export default scenario({
  title: "basic-ftp and ftp-srv, extended passive",
  quirk:
    "Two libraries of npm as they are: the client asks for EPSV first, over IPv4 too. Listing, download and upload, each on a data connection of its own.",
  sources: ["RFC 2428 §3", "basic-ftp", "ftp-srv"],
  priority: 1,
  modes: ["passive"],
  client: basicFtpClient(),
  server: ftpSrvServer({ files: { "/file": FILE } }),
  async play({ client, server }) {
    await client.connects();
    await client.lists("file", FILE.length);
    await client.downloads("/file", FILE);
    await client.uploads("/copy", FILE);
    await server.holdsFile("/copy", FILE);
    await client.quits();
  },
  expect: { none: fails({ by: "firewall", at: "data connection" }) },
});
