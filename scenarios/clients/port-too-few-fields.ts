import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a number too few",
  who: "A write cut short leaves PORT with five numbers; Cisco's inspection calls it a truncated command. ftp-proxy(8) finds no port, ends the session, and the server never sees the command.",
  sources: [
    "RFC 959 §5.3.2",
    "Cisco ASA guide, ftp inspection",
    "captures/quirks/port-too-few-fields.txt",
    "captures/openbsd-7.8/port_short.txt",
  ],
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PORT ${hostPort.replace(/,\d+$/, "")}` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
    none: fails({ at: "PORT", notice: "501" }),
  },
});
