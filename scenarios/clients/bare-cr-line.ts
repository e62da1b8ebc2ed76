import { fails, quirkyClient } from "anchorage";

const neverEnds = fails({ by: "client", notice: "hangs" });

export default quirkyClient({
  title: "Commands that end in a bare CR",
  who: "A line in old Macintosh style never ends for a reader of LF. ftp-proxy(8) keeps what has come and sends nothing on; a server waits in the same way.",
  sources: ["RFC 1123 §4.1.2.10", "captures/quirks/bare-cr-line.txt"],
  topic: "framing",
  writes: (line) => [line.replace("\r\n", "\r")],
  expect: { "ftp-proxy": neverEnds, conntrack: neverEnds, none: neverEnds },
});
