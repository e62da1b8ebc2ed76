import { asWithoutProxy, quirkyClient } from "anchorage";

/** RFC 854: IAC NOP. */
const NOP = "\xff\xf1";

export default quirkyClient({
  title: "Telnet commands before PORT",
  who: "Clients built on a Telnet library put IAC sequences before their lines. ftp-proxy(8) looks at the first letter: the line goes on as it came, a PORT or EPRT behind IAC loads no rules, and the server dials in vain.",
  sources: ["RFC 959 §4.1", "RFC 854", "quirks-seen: telnet-negotiation-prefix, iac"],
  topic: "framing",
  modes: ["active"],
  writes: (line) => [NOP + line],
  expect: { "ftp-proxy": asWithoutProxy("active"), conntrack: asWithoutProxy("active") },
});
