import { quirkyClient, worksWith } from "anchorage";

export default quirkyClient({
  title: "A client that resets its control connection in a transfer",
  who: "The client crashes or cannot wait. ftp-proxy(8) ends the session and empties its anchor; the states of the running transfer live on, and the data arrives.",
  sources: ["RFC 959 §5.2", "ftp-proxy.c 1.41: client_error", "captures/quirks/control-reset.client.txt"],
  topic: "data",
  modes: ["passive"],
  errands: ["fetch"],
  needs: ["reset"],
  async transfers(client, errand) {
    const data = await client.opensData();
    await client.asks("RETR", "file.bin");
    await data.has(1, 10_000);
    client.connection.reset();
    await client.fetches(data, errand);
  },
  expect: { "ftp-proxy": worksWith({ log: "client reset connection" }) },
});
