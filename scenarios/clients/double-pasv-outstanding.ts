import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "Two passive commands before the first reply",
  who: "A client asks twice before it reads, and dials the port of the second reply. ftp-proxy(8) remembers one command: it rewrites the first reply, for which the server no longer listens, and lets the second pass as it came, for which there are no rules.",
  sources: ["ftp-proxy.c 1.41: server_parse", "captures/quirks/double-pasv-outstanding.txt"],
  topic: "pipelining",
  errands: ["fetch"],
  async negotiates(client, command) {
    await client.writes({ in: [`${command}\r\n${command}\r\n`] });
    await client.answer();
    client.dialsAsToldIn(await client.answer());
  },
  expect: {
    "ftp-proxy": asWithoutProxy("passive"),
  },
});
