import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A second data connection beside the first",
  who: "Download accelerators, and whoever races for a port, connect twice to what one reply named. The rules have `max 1`: PF drops the second SYN, and does not even log it.",
  sources: [
    "RFC 959 §3.2",
    "pf.conf(5) max",
    "captures/quirks/data-second-connection.txt",
    "captures/openbsd-7.8/max1_second_connection.txt",
  ],
  priority: 1,
  topic: "data",
  modes: ["passive"],
  errands: ["fetch"],
  async transfers(client, errand) {
    const data = await client.opensData();
    const second = client.opensData().catch(() => undefined);
    await client.asks("RETR", "file.bin");
    await client.fetches(data, errand);
    await client.answer();
    (await second)?.resets();
  },
});
