import { downloadsPassively, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A 227 in one segment with the 226 before it",
  quirk:
    "The client does not wait for the end of one thing before it sends PASV, and the server answers both in one write, as curl's RETRWEIRDO does. ftp-proxy(8) takes the 226 for the answer to PASV: the 227 passes as it is, no rule is loaded.",
  sources: [
    "RFC 959 §5.4",
    "curl tests/data/test126 RETRWEIRDO",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-227-glued-after-226",
  ],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sendsSegments("ABOR\r\nPASV\r\n");
    await server.gets("ABOR");
    await server.gets("PASV");
    await server.listensForData();
    const reply = `227 Entering Passive Mode (${server.hostPort})`;
    await server.sendsSegments(`226 Nothing to abort\r\n${reply}\r\n`);
    await client.gets("226 Nothing to abort");
    await client.gets(reply);
    await anchor.isEmpty();
    await downloadsPassively(stage);
  },
  expect: {
    "ftp-proxy": ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
    conntrack: ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
