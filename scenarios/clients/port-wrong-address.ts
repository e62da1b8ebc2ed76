import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with another address than the client's",
  who: "A client behind one more NAT, or in an emulated Mac, names an address that nobody else knows. ftp-proxy(8) reads only the port: the server is told the proxy's address, and what it sends there goes to the client of the control connection.",
  sources: ["RFC 2577 §3", "ftp-proxy(8) CAVEATS", "jedisct1/pure-ftpd #55", "captures/quirks/port-wrong-address.txt"],
  priority: 1,
  families: ["inet"],
  commands: { PORT: ({ port }) => `PORT 10,28,14,115,${port >> 8},${port & 255}` },
  expect: {
    conntrack: fails(),
    none: fails(),
  },
});
