import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "The next passive command as soon as the data has ended",
  who: "The client asks for the next data connection when the first one closes, and reads the 226 later. With a prompt server the 226 is first; a late one comes after the PASV, and ftp-proxy(8) takes it for the answer.",
  sources: ["RFC 959 §5.4", "proftpd-mod_proxy #337", "ftp-proxy.c 1.41: server_parse"],
  topic: "pipelining",
  errands: ["fetch"],
  async transfers(client, errand) {
    const data = await client.opensData();
    await client.asks("RETR", "file.bin");
    await data.receives(30_000);
    data.closes();
    await client.sends(client.passive);
    await client.answer();
    client.dialsAsToldIn(await client.answer());
    await client.transfers(errand);
  },
});
