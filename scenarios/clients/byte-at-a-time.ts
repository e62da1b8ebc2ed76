import { any, fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "Commands with each byte in a segment of its own",
  who: "Someone types into telnet. A proxy on the stream sees lines all the same; one that looks at packets sees `P`, `A`, `S`, `V`. nf_conntrack_ftp drops the first bytes of a PORT as a partial match and loses sight of the rest.",
  sources: ["RFC 1123 §4.1.2.10", "nf_conntrack_ftp.c: find_pattern", "captures/quirks/byte-at-a-time.port.txt"],
  priority: 1,
  topic: "framing",
  modes: ["passive", "active"],
  writes: (line) => [...line],
  // nf_conntrack_ftp.c, find_pattern: a packet that may be the start of a command is dropped, now this one, now that.
  expect: { conntrack: any, none: fails() },
});
