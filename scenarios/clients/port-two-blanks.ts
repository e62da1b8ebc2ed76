import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with two blanks before its argument",
  who: "A client pads the command to a column. ftp-proxy(8) starts to read at the last blank of the line, and writes one.",
  sources: ["RFC 959 §5.3", "ftp-proxy.c 1.41 parse_port"],
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PORT  ${hostPort}` },
  expect: { conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }) },
});
