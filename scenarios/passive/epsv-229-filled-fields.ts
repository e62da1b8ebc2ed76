import { extendedHostPort, fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 229 that names family and address",
  quirk:
    "ProFTPD with MasqueradeAddress once filled the two fields that RFC 2428 wants empty. ftp-proxy(8) wants three bars in a row, finds no port and ends the session.",
  sources: ["RFC 2428 §3", "ProFTPD bug 2369", "captures/quirks/epsv-229-filled-fields.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, family } = stage;
    await logsIn(stage);
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    const filled = extendedHostPort(family, { address: server.address, port: server.dataPort });
    await proxyRefusesReply(stage, `229 Entering Extended Passive Mode (${filled})`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 229", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "the 229", notice: "hangs" }),
    none: ({ side }) =>
      side === "forward"
        ? fails({ by: "server", at: "RETR", notice: "hangs" })
        : fails({ by: "translation", at: "the 229", notice: "hangs" }),
  },
});
