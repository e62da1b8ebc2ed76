import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "TYPE and a passive command in one segment",
  who: "lftp without sync-mode, and other clients that write commands at once. The reply to TYPE comes while ftp-proxy(8) awaits a 227 or 229, clears its memory, and the passive reply passes as it came: no rules, and the client dials in vain.",
  sources: ["ftp-proxy.c 1.41: server_parse", "lftp(1) ftp:sync-mode", "captures/quirks/pipelined-type-pasv.txt"],
  priority: 1,
  topic: "pipelining",
  async negotiates(client, command) {
    await client.writes({ in: [`TYPE I\r\n${command}\r\n`] });
    await client.answer();
    client.dialsAsToldIn(await client.answer());
  },
  expect: {
    "ftp-proxy": asWithoutProxy("passive"),
  },
});
