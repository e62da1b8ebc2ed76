import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with numbers too large for a byte",
  who: "A client writes the port as 256 and a rest. ftp-proxy(8) ends the session over numbers from 256 on, and the server never sees the command.",
  sources: [
    "RFC 959 §5.3.2",
    "vsftpd Changelog",
    "captures/quirks/port-number-overflow.wrap64.txt",
    "captures/openbsd-7.8/port_badnum.txt",
  ],
  priority: 3,
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PORT ${hostPort.replace(/\d+,\d+$/, "256,1")}` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: fails(),
    none: fails({ at: "PORT", notice: "501" }),
  },
});
