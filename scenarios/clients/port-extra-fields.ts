import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a seventh number",
  who: "Something is smuggled in behind the sixth number. ftp-proxy(8) reads six and writes six: the server gets a clean PORT.",
  sources: [
    "RFC 959 §5.3.2",
    "Cisco ASA guide, ftp inspection",
    "captures/quirks/port-extra-fields.txt",
    "captures/openbsd-7.8/port_extra.txt",
  ],
  priority: 3,
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PORT ${hostPort},7` },
  expect: {
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
  },
});
