import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "QUIT in the midst of a transfer, answered after it",
  who: "RFC 959 asks the server to finish the transfer, then to answer QUIT, then to close. The rules stay until that close, since ftp-proxy(8) does not read QUIT.",
  sources: ["RFC 959 §4.1.1 QUIT", "proftpd PR #2285", "captures/quirks/control-closed-mid-transfer.txt"],
  topic: "data",
  modes: ["passive"],
  errands: ["fetch"],
  async transfers(client, errand) {
    const data = await client.opensData();
    await client.asks("RETR", "file.bin");
    await data.has(1, 10_000);
    await client.sends("QUIT");
    await client.fetches(data, errand);
    await client.answer();
    await client.answer();
  },
});
