import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a Telnet command before it",
  who: "IAC NOP hides the command: ftp-proxy(8) looks at the first letter of the line, lets it pass as it is and opens nothing. The server takes Telnet commands out and dials the client's own address, and the firewall lets nobody through.",
  sources: ["RFC 854", "ftp-proxy.c 1.41 client_parse", "captures/quirks/port-leading-space.iac.txt"],
  priority: 1,
  families: ["inet"],
  commands: { PORT: ({ hostPort }) => ({ in: [`\xff\xf1PORT ${hostPort}\r\n`] }) },
  expect: {
    "ftp-proxy": ({ side }) =>
      side === "forward" ? fails({ by: "translation", at: "PORT" }) : fails({ by: "firewall", at: "data connection" }),
    conntrack: ({ side }) =>
      side === "forward" ? fails({ by: "translation", at: "PORT" }) : fails({ by: "firewall", at: "data connection" }),
  },
});
