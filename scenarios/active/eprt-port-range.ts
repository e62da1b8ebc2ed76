import { extendedHostPort, fails, logsIn, proxyRefusesCommand, scenario } from "anchorage";

export default scenario({
  title: "EPRT with a port out of range",
  quirk:
    "A privileged port, or one that does not fit in 16 bits. ftp-proxy(8) ends the session over either, and the server never sees the command.",
  sources: ["RFC 2428 §2", "RFC 2577 §3", "captures/openbsd-7.8/eprt_low.txt", "captures/openbsd-7.8/eprt_bigport.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, family } = stage;
    for (const port of [80, 1023, 65_536, 99_999]) {
      await logsIn(stage);
      const { address } = client;
      await proxyRefusesCommand(stage, `EPRT ${extendedHostPort(family, { address, port })}`);
    }
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed" }),
    conntrack: ({ side, family }) =>
      family === "inet6" && side === "reverse"
        ? fails({ by: "server", at: "EPRT", notice: "501" })
        : fails({ by: "client", at: "data connection", notice: "hangs" }),
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "EPRT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
