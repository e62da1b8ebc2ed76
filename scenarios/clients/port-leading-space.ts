import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a blank before it",
  who: "The blank hides the command: ftp-proxy(8) looks at the first letter of the line, lets it pass as it is and opens nothing. Most servers refuse the line.",
  sources: ["RFC 959 §5.3", "ftp-proxy.c 1.41 client_parse", "captures/quirks/port-leading-space.txt"],
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => ` PORT ${hostPort}` },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "PORT", notice: "502" }),
    conntrack: fails({ by: "server", at: "PORT", notice: "502" }),
    none: fails({ by: "server", at: "PORT", notice: "502" }),
  },
});
