import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "PASV over IPv6",
  quirk:
    "A client that thinks in IPv4 asks for an address that a 227 could not carry. ftp-proxy(8) with -6 ends the session, where 425 or 522 would have led the client to EPSV.",
  sources: ["RFC 2428 §1", "vsftpd Changelog", "captures/quirks/pasv-in-ipv6-mode.inet6.txt"],
  priority: 1,
  modes: ["active", "passive"],
  families: ["inet6"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await client.seesClose();
    await server.seesClose();
    await log.says("PASV and PORT not allowed with IPv6");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PASV", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "PASV", notice: "hangs" }),
    none: fails({ by: "server", at: "PASV", notice: "hangs" }),
  },
});
