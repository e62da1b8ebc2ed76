import { entersActiveMode, FILE, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "Active data from another port than 20",
  quirk:
    "A server without privileges, Windows among them, cannot dial from port 20 and takes any. Filters that want 20 keep it out; the rules of ftp-proxy(8) ask for no source port.",
  sources: [
    "RFC 959 §3.3",
    "lftp ftp:verify-port",
    "drakkan/sftpgo active_transfers_port_non_20",
    "ftp-proxy.c 1.41",
    "quirks-seen: active-source-port-not-20",
  ],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await says(client, server, "RETR file", "150 Here it comes");
    const [fetching, serving] = await Promise.all([client.acceptsData(), server.dialsData({ from: 0 })]);
    await Promise.all([serving.sendsFile(FILE), fetching.getsFile(FILE)]);
    await server.sends("226 Done");
    await client.gets("226 Done");
    await quits(stage);
    await anchor.isEmpty();
  },
});
