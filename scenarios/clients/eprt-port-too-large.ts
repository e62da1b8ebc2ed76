import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT with a port beyond 16 bits",
  who: "The number does not fit in a port. ftp-proxy(8) ends the session over it; servers answer 501.",
  sources: ["RFC 2428 §2", "captures/openbsd-7.8/eprt_bigport.txt"],
  negotiation: ["EPRT"],
  commands: { EPRT: ({ extendedHostPort, port }) => `EPRT ${extendedHostPort.replace(`${port}`, "99999")}` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: fails(),
    none: fails({ at: "EPRT", notice: "501" }),
  },
});
