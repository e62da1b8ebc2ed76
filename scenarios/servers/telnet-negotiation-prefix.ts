import { quirkyServer } from "anchorage";

/** RFC 854: IAC WILL ECHO. */
const WILL_ECHO = "\xff\xfb\x01";

export default quirkyServer({
  title: "Telnet commands before a greeting",
  who: "Mainframes put IAC sequences before their lines, and RFC 959 says that the control connection speaks Telnet. ftp-proxy(8) sends the greeting on as it came.",
  sources: ["RFC 959 §4.1", "RFC 854", "quirks-seen: telnet-negotiation-prefix, iac"],
  topic: "framing",
  replies: { greeting: `${WILL_ECHO}220 Ready` },
});
