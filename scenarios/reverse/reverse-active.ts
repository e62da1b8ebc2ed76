import { entersActiveMode, logsIn, quits, scenario } from "anchorage";

const FILE = "a short file\r\n";

export default scenario({
  title: "Active data from a server behind -R",
  quirk:
    "The server inside dials the proxy, and the client must see the connection come from the address that it dialled, not from a private one. The second rule translates to that address.",
  sources: ["ftp-proxy(8) -R", "RFC 959 §3.3", "captures/quirks/port-canonical.reverse.txt"],
  priority: 1,
  modes: ["active"],
  sides: ["reverse"],
  async play(stage) {
    const { client, server, roles } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await client.sends("RETR file");
    await server.gets("RETR file");
    const serving = await server.dialsData();
    const fetching = await client.acceptsData();
    await stage.step("client", "sees the server that it dialled", (_, differs) => {
      const { peerAddress } = fetching;
      if (peerAddress !== roles.dialled.address) differs("dialogue", roles.dialled.address, peerAddress);
    });
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await server.sends("226 Done");
    await client.gets("226 Done");
    await quits(stage);
    await stage.anchor.isEmpty();
  },
});
