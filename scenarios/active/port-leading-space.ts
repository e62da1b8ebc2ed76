import { fails, logsIn, says, scenario } from "anchorage";

export default scenario({
  title: "PORT with something before it",
  quirk:
    "A blank or a Telnet sequence before the command hides it: ftp-proxy(8) looks at the first letter of the line, lets it pass as it is and opens nothing. A server that reads it nevertheless dials the client's own address, and the firewall lets nobody through.",
  sources: [
    "RFC 959 §5.3",
    "RFC 854",
    "ftp-proxy.c 1.41 client_parse",
    "captures/quirks/port-leading-space.txt",
    "captures/quirks/port-leading-space.iac.txt",
  ],
  priority: 1,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    // A blank; then IAC NOP.
    for (const before of [" ", "\xff\xf1"]) {
      await says(client, server, `${before}PORT ${client.hostPort}`, "200 PORT command successful");
      await anchor.isEmpty();
    }
    await says(client, server, "RETR file", "150 Here it comes");
    await server.dialsData({ to: { address: client.address, port: client.dataPort } });
  },
  expect: {
    "ftp-proxy": ({ side }) =>
      side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    conntrack: ({ side }) =>
      side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
