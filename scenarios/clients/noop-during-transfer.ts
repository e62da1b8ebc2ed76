import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "NOOP while data flows",
  who: "Clients send NOOP to keep the control connection alive in a long transfer; many servers answer when the transfer is over. The proxy must neither count replies nor touch its rules.",
  sources: ["RFC 1123 §4.1.3.3", "basic-ftp #170", "captures/quirks/noop-during-transfer.txt"],
  topic: "pipelining",
  errands: ["fetch"],
  async transfers(client) {
    const data = await client.opensData();
    await client.asks("RETR", "file.bin");
    await data.has(1, 10_000);
    await client.sends("NOOP");
    await data.receives(10_000);
    data.closes();
    await client.answer();
    await client.answer();
  },
});
