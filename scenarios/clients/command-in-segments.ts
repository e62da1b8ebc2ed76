import { any, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "Commands in four segments",
  who: "Each command is cut in the midst of its word, before the line's end and within it. A proxy on the stream waits for the LF and sees one command; the server gets it in one piece.",
  sources: ["RFC 1123 §4.1.2.10", "captures/openbsd-7.8/client_split.txt"],
  priority: 1,
  topic: "framing",
  writes: (line) => [line.slice(0, 2), line.slice(2, -2), "\r", "\n"],
  // nf_conntrack_ftp.c, find_pattern: a packet that may be the start of a line is dropped, now this one, now that.
  expect: { conntrack: any },
});
