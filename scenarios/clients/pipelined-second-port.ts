import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "TYPE and an active command in one segment",
  who: "The PORT or EPRT does not begin its segment. A proxy on the stream does not care; helpers that look at the start of packets let the private address out.",
  sources: ["nf_conntrack_ftp.c: find_pattern"],
  topic: "pipelining",
  modes: ["active"],
  commands: {
    PORT: ({ hostPort }) => ({ in: [`TYPE I\r\nPORT ${hostPort}\r\n`] }),
    EPRT: ({ extendedHostPort }) => ({ in: [`TYPE I\r\nEPRT ${extendedHostPort}\r\n`] }),
  },
  async negotiates(client, command) {
    await client.negotiates(command);
    await client.answer();
  },
  expect: { conntrack: asWithoutProxy("active") },
});
