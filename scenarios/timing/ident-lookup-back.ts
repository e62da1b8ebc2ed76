import { quits, says, scenario, works } from "anchorage";

/** RFC 1413. */
const IDENT_PORT = 113;

export default scenario({
  title: "A server that asks ident first, and a firewall that answers with RST",
  quirk:
    "wu-ftpd and ProFTPD dial the client's port 113 before they greet, and for them the client is the firewall. With `block return` there they learn at once and the greeting is prompt.",
  sources: ["RFC 1413", "pf.conf(5) block return", "captures/quirks/ident-lookup-back.return_rst.txt"],
  priority: 2,
  modes: ["active"],
  needs: ["own-pf-conf"],
  pfConf: (text) => text.replace(/^block log all$/m, "block log all\nblock return in proto tcp to port 113"),
  async play(stage) {
    const { client, server } = stage;
    await client.connects();
    await server.accepts();
    await server.cannotDialData("refused", { to: { address: server.peerAddress, port: IDENT_PORT }, from: 0 });
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await says(client, server, "USER anonymous", "331 Any password will do");
    await quits(stage);
  },
  expect: {
    none: works,
  },
});
