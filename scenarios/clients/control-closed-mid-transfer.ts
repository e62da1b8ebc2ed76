import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "QUIT and close in the midst of a transfer",
  who: "lftp and browsers drop the control connection while data flows. ftp-proxy(8) ends the session and its rules are gone, but PF keeps the states: the file arrives whole, only the 226 is lost.",
  sources: ["RFC 959 §4.1.1 QUIT", "mtheall/ftpd #215", "captures/quirks/control-closed-mid-transfer.txt"],
  priority: 1,
  topic: "data",
  modes: ["passive"],
  errands: ["fetch"],
  async transfers(client, errand) {
    const data = await client.opensData();
    await client.asks("RETR", "file.bin");
    await data.has(1, 10_000);
    await client.sends("QUIT");
    client.connection.close();
    await client.fetches(data, errand);
  },
});
