import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a blank at the end of the line",
  who: "A hand-made client puts a blank before the end of the line, and no server minds. ftp-proxy(8) starts to read at the last blank of the line, behind the numbers: it finds no port and ends the session.",
  sources: ["RFC 959 §5.3.2", "ftp-proxy.c 1.41 parse_port", "captures/quirks/port-trailing-space.txt"],
  priority: 1,
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PORT ${hostPort} ` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
  },
});
