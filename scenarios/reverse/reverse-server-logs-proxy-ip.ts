import { entersPassiveMode, logsIn, quits, scenario } from "anchorage";

const FILE = "a short file\r\n";

export default scenario({
  title: "A server that sees one address for all its clients",
  quirk:
    "For the server every client is the proxy: limits and bans by address hit all or nobody. Its log shows the firewall, on the data connection too.",
  sources: ["ftp-proxy.c 1.41: the server must think that the proxy is the client", "drakkan/sftpgo #1013"],
  priority: 3,
  modes: ["passive"],
  sides: ["reverse"],
  async play(stage) {
    const { client, server, roles } = stage;
    const seesProxy = (what: string, address: string) =>
      stage.step("server", `sees the firewall's address on its ${what} connection`, (_, differs) => {
        if (address !== roles.proxy) differs("dialogue", roles.proxy, address);
      });
    await logsIn(stage);
    await seesProxy("control", server.peerAddress);
    await entersPassiveMode(stage);
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await seesProxy("data", serving.peerAddress);
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await quits(stage);
  },
});
