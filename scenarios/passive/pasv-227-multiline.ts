import { downloadsPassively, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A 227 of several lines",
  quirk:
    "aioftp once sent `227-listen socket created` before the 227 with the address. ftp-proxy(8) takes the first line for the answer to PASV and forgets the command: the second line passes as it is, no rule is loaded, and the client dials a closed firewall.",
  sources: [
    "RFC 959 §4.2",
    "aio-libs/aioftp PR #85",
    "captures/quirks/pasv-227-multiline.txt",
    "captures/quirks/pasv-227-multiline.reverse.txt",
  ],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    const reply = `227 Entering Passive Mode (${server.hostPort})`;
    await server.sendsSegments(`227-listen socket created\r\n${reply}\r\n`);
    await client.gets("227-listen socket created");
    await client.gets(reply);
    await anchor.isEmpty();
    await downloadsPassively(stage);
  },
  expect: {
    conntrack: ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
    "ftp-proxy": ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
