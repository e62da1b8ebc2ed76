import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "ABOR in the midst of a transfer",
  who: "One command, and two replies: 426 for the transfer, 226 for ABOR. Both pass as they came and the rules stay until the next command that replaces them.",
  sources: ["RFC 959 §4.1.3", "RFC 1123 §4.1.3.3", "captures/quirks/abor-plain.txt"],
  topic: "commands",
  modes: ["passive"],
  errands: ["fetch"],
  transfers: (client) => client.breaksOff(() => client.sends("ABOR")),
});
