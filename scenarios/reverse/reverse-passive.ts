import { downloadsPassively, entersPassiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A server behind -R that names its private address",
  quirk:
    "The server knows nothing of the firewall and puts its own address into the 227. The client must be told the address that it dialled; the first rule leads from there to the server, the second hides the client behind the firewall.",
  sources: [
    "ftp-proxy(8) -R",
    "proftpd-mod_proxy #285",
    "captures/openbsd-7.8/reverse_pasv4.txt",
    "captures/quirks/pasv-227-private-address.reverse.txt",
  ],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  sides: ["reverse"],
  async play(stage) {
    const { client, roles, log } = stage;
    await logsIn(stage);
    await log.says(`to server ${roles.server} via proxy ${roles.proxy}`);
    await entersPassiveMode(stage);
    await stage.step("client", "is sent to the address that it dialled", (_, differs) => {
      const { address } = client.passive;
      if (address !== roles.dialled.address) differs("dialogue", roles.dialled.address, address);
    });
    await downloadsPassively(stage);
    await quits(stage);
    await stage.anchor.isEmpty();
  },
});
