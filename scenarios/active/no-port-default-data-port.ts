import { fails, logsIn, says, scenario } from "anchorage";

export default scenario({
  title: "A transfer with neither PORT nor PASV",
  quirk:
    "A very old client says RETR and waits: by default the server dials the very port from which the control connection came, from port 20. What it sees is the proxy's port; no rule is for it, and nobody answers.",
  sources: [
    "RFC 959 §3.2",
    "RFC 1123 §4.1.2.5",
    "ProFTPD bug 3824",
    "ftp-proxy.c 1.41",
    "quirks-seen: no-port-default-data-port",
  ],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await says(client, server, "RETR file", "150 Here it comes");
    await anchor.isEmpty();
    await server.dialsData({ to: { address: server.peerAddress, port: server.peerPort } });
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    conntrack: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
