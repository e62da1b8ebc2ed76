import { fails, logsIn, proxyRefusesCommand, scenario } from "anchorage";

/** The first too many for a byte, and one beyond 64 bits, which OpenBSD's sscanf does not wrap. */
const TOO_LARGE = ["256", "18446744073709551620"];

export default scenario({
  title: "PORT with numbers too large",
  quirk:
    "A number of PORT does not fit in a byte, or not even in 64 bits. ftp-proxy(8) ends the session over both, and the server never sees the command.",
  sources: [
    "RFC 959 §5.3.2",
    "vsftpd Changelog",
    "captures/quirks/port-number-overflow.wrap64.txt",
    "captures/openbsd-7.8/port_badnum.txt",
  ],
  priority: 3,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client } = stage;
    for (const number of TOO_LARGE) {
      await logsIn(stage);
      await proxyRefusesCommand(stage, `PORT ${client.address.replaceAll(".", ",")},${number},1`);
    }
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed" }),
    conntrack: fails({ by: "client", at: "data connection", notice: "hangs" }),
  },
});
