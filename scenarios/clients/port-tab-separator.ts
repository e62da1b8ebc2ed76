import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a tab after it",
  who: "To a server that takes any white space this is a PORT; ftp-proxy(8) knows `PORT` and a blank, lets the line pass as it is and opens nothing. The server dials the client's own address, and the firewall lets nobody through.",
  sources: ["RFC 959 §5.3", "ftp-proxy.c 1.41 client_parse_cmd", "captures/quirks/port-tab-separator.txt"],
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => `PORT\t${hostPort}` },
  expect: {
    "ftp-proxy": ({ side }) =>
      side === "forward" ? fails({ by: "translation", at: "PORT" }) : fails({ by: "firewall", at: "data connection" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
  },
});
