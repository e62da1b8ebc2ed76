import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with blanks after the commas",
  who: "A script writes the six numbers as prose. ftp-proxy(8) starts to read at the last blank, which is now inside the address: it finds no port and ends the session.",
  sources: ["RFC 959 §5.3.2", "ftp-proxy.c 1.41 parse_port", "captures/quirks/port-spaces-inside.txt"],
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PORT ${hostPort.replaceAll(",", ", ")}` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
    none: fails({ at: "PORT", notice: "501" }),
  },
});
