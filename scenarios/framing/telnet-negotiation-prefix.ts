import { activeCommand, fails, says, scenario } from "anchorage";

/** RFC 854: IAC WILL ECHO, and IAC NOP. */
const WILL_ECHO = "\xff\xfb\x01";
const NOP = "\xff\xf1";

export default scenario({
  title: "Telnet commands before a greeting and before PORT",
  quirk:
    "Mainframes and clients built on a Telnet library put IAC sequences before their lines. ftp-proxy(8) looks at the first letter: the line goes on as it came, a PORT or EPRT behind IAC loads no rules, and the server dials in vain.",
  sources: ["RFC 959 §4.1", "RFC 854", "quirks-seen: telnet-negotiation-prefix, iac"],
  priority: 2,
  modes: ["active"],
  async play({ client, server, anchor, family }) {
    await client.connects();
    await server.accepts();
    await server.sends(`${WILL_ECHO}220 Ready`);
    await client.gets(`${WILL_ECHO}220 Ready`);
    await says(client, server, "USER anonymous", "331 Any password will do");
    await says(client, server, "PASS guest@example.org", "230 Logged in");
    const { address, port } = await client.listensForData();
    const command = NOP + activeCommand(family, client);
    await says(client, server, command, "200 Command successful");
    await anchor.isEmpty();
    await server.dialsData({ to: { address, port } });
  },
  expect: {
    conntrack: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    "ftp-proxy": ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
