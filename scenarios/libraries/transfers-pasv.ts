import { basicFtpClient, FILE, fails, ftpSrvServer, scenario } from "anchorage";

export default scenario({
  title: "basic-ftp and ftp-srv, passive",
  quirk:
    "The same libraries with PASV: the client takes the address in the 227 for what it is, and refuses one that is not the host it talks to.",
  sources: ["RFC 959 §4.1.2", "basic-ftp", "ftp-srv"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  client: basicFtpClient({ passive: "pasv" }),
  server: ftpSrvServer({ files: { "/file": FILE } }),
  async play({ client, server }) {
    await client.connects();
    await client.lists("file", FILE.length);
    await client.downloads("/file", FILE);
    await client.uploads("/copy", FILE);
    await server.holdsFile("/copy", FILE);
    await client.quits();
  },
  expect: {
    none: ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection" })
        : fails({ by: "translation", at: "the 227" }),
  },
});
