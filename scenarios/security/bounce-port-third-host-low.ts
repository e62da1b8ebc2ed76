import { extendedHostPort, fails, hostPort, logsIn, scenario, ThirdHost } from "anchorage";

/** SMTP: what bounces were made for. */
const PORT = 25;

export default scenario({
  title: "A bounce to the mail port of a third host",
  quirk:
    "RFC 2577 tells servers to refuse ports below 1024; ftp-proxy(8) does so in their place. It ends the session, and neither server nor third host hears of the command.",
  sources: ["RFC 2577 §3", "ftp-proxy(8)", "captures/quirks/bounce-port-third-host.low.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, log, family } = stage;
    const third = await ThirdHost.of(stage, PORT);
    await logsIn(stage);
    const command =
      family === "inet" ? `PORT ${hostPort(third.endpoint)}` : `EPRT ${extendedHostPort(family, third.endpoint)}`;
    await client.sends(command);
    await client.seesClose();
    await server.seesClose();
    await log.says(`bad port in '${command}`);
    await third.wasLeftAlone();
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": ({ family }) =>
      family === "inet"
        ? fails({ by: "proxy", at: "PORT", notice: "connection closed" })
        : fails({ by: "proxy", at: "EPRT", notice: "connection closed" }),
    conntrack: ({ family }) =>
      family === "inet"
        ? fails({ by: "server", at: "PORT", notice: "hangs" })
        : fails({ by: "server", at: "EPRT", notice: "hangs" }),
    none: ({ family }) =>
      family === "inet"
        ? fails({ by: "server", at: "PORT", notice: "hangs" })
        : fails({ by: "server", at: "EPRT", notice: "hangs" }),
  },
});
