import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with an IPv6 address",
  who: "A server that takes PASV over IPv6 has no six numbers to say, and writes its IPv6 address before the two numbers of the port. A client reads no address in it. With ftp-proxy(8) it never comes to that: PASV over IPv6 ends the session.",
  sources: ["RFC 2428 §1", "RFC 959 §5.3.2", "ftp-proxy.c 1.41: parse_port"],
  topic: "passive",
  families: ["inet6"],
  commands: {
    PASV: async (session) => {
      const { address, port } = await session.listensForData();
      await session.says(`227 Entering Passive Mode (${address},${port >> 8},${port & 255})`);
    },
  },
  negotiation: ["PASV"],
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: "PASV",
      notice: "connection closed",
      log: "PASV and PORT not allowed with IPv6",
      anchor: "empty",
    }),
    conntrack: fails(),
    none: fails(),
  },
});
