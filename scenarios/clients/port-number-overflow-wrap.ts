import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a number that wraps at 32 bits",
  who: "4294967296 more is the same number to a reader of 32 bits, and ftp-proxy(8) is one: it opens the way to the port. The server never gets the wrapped number, only the proxy's own port.",
  sources: ["RFC 959 §5.3.2", "ftp-proxy.c 1.41 parse_port", "quirks-seen: port-number-overflow, wrap32"],
  priority: 3,
  families: ["inet"],
  commands: {
    PORT: ({ address, port }) => `PORT ${address.replaceAll(".", ",")},${2 ** 32 + (port >> 8)},${port & 255}`,
  },
  expect: {
    none: fails({ at: "PORT", notice: "501" }),
  },
});
