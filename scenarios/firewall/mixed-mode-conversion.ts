import { fails, logsIn, quits, says, scenario } from "anchorage";

/** Each is answered with a refusal, so that what counts is what the server gets. */
const REFUSAL = "502 Not here";

export default scenario({
  title: "Four ways to ask for data, each passed on as it is",
  quirk:
    "Some gateways turn a client's PASV into PORT for the server (`hybrid mode`). ftp-proxy(8) never converts: the server gets the very command that the client chose, with other numbers at most.",
  sources: ["RFC 1579", "D-Link DFL-260E manual, hybrid mode", "quirks-seen: mixed-mode-conversion"],
  priority: 3,
  modes: ["active", "passive"],
  async play(stage) {
    const { client, server, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    const plain = family === "inet" ? ["PASV", `PORT ${client.hostPort}`] : [];
    for (const command of [...plain, "EPSV", `EPRT ${client.extendedHostPort}`]) {
      if (command.includes(" ")) {
        await client.sends(command);
        await server.gets(command.startsWith("PORT") ? /^PORT \d+(,\d+){5}$/ : /^EPRT \|[12]\|[^|]+\|\d+\|$/);
        await server.sends(REFUSAL);
        await client.gets(REFUSAL);
      } else {
        await says(client, server, command, REFUSAL);
      }
    }
    await quits(stage);
    await stage.anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "EPRT", notice: "502" }),
    conntrack: fails({ by: "server", at: "EPRT", notice: "502" }),
    none: fails({ by: "server", at: "EPRT", notice: "502" }),
  },
});
