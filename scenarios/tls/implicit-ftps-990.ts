import { clientHello, fails, scenario } from "anchorage";

const IMPLICIT_FTPS_PORT = 990;

export default scenario({
  title: "Implicit FTPS that is diverted to the proxy",
  quirk:
    "Someone diverts port 990 too, in the hope of FTPS through the firewall. The first bytes are a ClientHello, and ftp-proxy(8) ends the session before the server has said anything.",
  sources: ["RFC 4217", "basic-ftp 4.6.0", "quirks-seen: implicit-ftps-990"],
  priority: 3,
  modes: ["active"],
  sides: ["forward"],
  needs: ["own-pf-conf"],
  pfConf: (text) => text.replaceAll("port ftp", "port { ftp 990 }"),
  async play({ client, server, anchor, log }) {
    await server.opens(IMPLICIT_FTPS_PORT);
    await client.connects({ port: IMPLICIT_FTPS_PORT });
    await client.sendsBinary(clientHello);
    await client.seesClose();
    await log.says("client command too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "TLS", notice: "connection closed" }),
    none: fails({ by: "server", at: "the greeting", notice: "hangs" }),
  },
});
