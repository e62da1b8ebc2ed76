import { fails, scenario } from "anchorage";

const IMPLICIT_FTPS_PORT = 990;

export default scenario({
  title: "Implicit FTPS through a firewall that diverts port 21",
  quirk: "ftp-proxy(8) never sees the connection: nothing in this pf.conf lets port 990 pass, and the SYN is dropped.",
  sources: ["RFC 4217", "pf.conf(5)"],
  priority: 3,
  modes: ["active"],
  async play({ client, server }) {
    await server.opens(IMPLICIT_FTPS_PORT);
    await client.connects({ port: IMPLICIT_FTPS_PORT });
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "control connection", notice: "hangs" }),
    conntrack: fails({ by: "firewall", at: "control connection", notice: "hangs" }),
    none: fails({ by: "firewall", at: "control connection", notice: "hangs" }),
  },
});
