import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT without its last bar",
  who: "The argument is cut short by one character. Neither ftp-proxy(8) nor the server behind it notices: it reads as far as the port, and writes the command anew.",
  sources: ["RFC 2428 §2", "ftp-proxy.c 1.41 parse_port"],
  negotiation: ["EPRT"],
  commands: { EPRT: ({ extendedHostPort }) => `EPRT ${extendedHostPort.slice(0, -1)}` },
  expect: {
    conntrack: fails({ by: "network", at: "EPRT", notice: "hangs" }),
    none: fails({ at: "EPRT", notice: "501" }),
  },
});
