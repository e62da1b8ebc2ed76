import { type DataChannel, FILE, logsIn, quits, says, scenario } from "anchorage";

const FTP_DATA_PORT = 20;

export default scenario({
  title: "A client that takes data from port 20 only",
  quirk:
    "Ancient clients refuse data that does not come from port 20, and NAT gives it any other. With -r ftp-proxy(8) sends it from 20 again: for PORT, but not for EPRT, which no ancient client knows.",
  sources: [
    "RFC 959 §3.3",
    "ftp-proxy(8) -r",
    "captures/quirks/client-insists-port-20.rfc_r.txt",
    "captures/quirks/client-insists-port-20.rfc_r_eprt.txt",
  ],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  proxyArgs: ["-r"],
  async play(stage) {
    const { client, server, anchor } = stage;
    const transfers = async (extended: boolean): Promise<DataChannel> => {
      await server.sends("200 Command successful");
      await client.gets(200);
      await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort, extended });
      await says(client, server, "RETR file", "150 Here it comes");
      const [fetching, serving] = await Promise.all([client.acceptsData(), server.dialsData()]);
      await Promise.all([serving.sendsFile(FILE), fetching.getsFile(FILE)]);
      await server.sends("226 Done");
      await client.gets("226 Done");
      return fetching;
    };
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`PORT ${client.hostPort}`);
    await server.gets(/^PORT \d+(,\d+){5}$/);
    const afterPort = await transfers(false);
    await stage.step("client", "has got its data from port 20", (_, differs) => {
      const { port } = afterPort.connection.remote;
      if (port !== FTP_DATA_PORT) differs("dialogue", "data from port 20", `data from port ${port}`);
    });
    await client.listensForData();
    await client.sends(`EPRT ${client.extendedHostPort}`);
    await server.gets(/^EPRT \|1\|[\d.]+\|\d+\|$/);
    await transfers(true);
    await quits(stage);
    await anchor.isEmpty();
  },
});
