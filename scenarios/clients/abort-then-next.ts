import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "ABOR and the next passive command right after a broken-off transfer",
  who: "The client stops a download and asks for the next port at once. The server's 426 and 226 of the first transfer come after the second PASV: ftp-proxy(8) takes them for its answer, forgets, and lets the real one pass as it came. The next transfer stalls until the client gives up.",
  sources: ["jedisct1/pure-ftpd #138", "RFC 959 §4.1.3 ABOR", "ftp-proxy.c 1.41: server_parse"],
  priority: 1,
  topic: "pipelining",
  needs: ["reset"],
  errands: ["fetch"],
  async transfers(client, errand) {
    const data = await client.opensData();
    await client.asks("RETR", "file.bin");
    await data.has(1, 10_000);
    data.resets();
    const { passive } = client;
    await client.writes({ in: [`ABOR\r\n${passive}\r\n`] });
    let answer = await client.answer();
    while (answer.code !== 227 && answer.code !== 229) answer = await client.answer();
    client.dialsAsToldIn(answer);
    await client.transfers(errand);
  },
  expect: {
    "ftp-proxy": asWithoutProxy("passive"),
  },
});
