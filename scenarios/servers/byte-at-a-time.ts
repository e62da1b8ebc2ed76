import { any, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "Replies with each byte in a segment of its own",
  who: "A slow server writes byte by byte. A proxy on the stream sees lines all the same; one that looks at packets sees `2`, `2`, `7`.",
  sources: ["RFC 1123 §4.1.2.10", "curl ftpserver.pl SLOWDOWN", "captures/quirks/byte-at-a-time.pasv.txt"],
  priority: 1,
  topic: "framing",
  writes: (line) => [...line],
  // nf_conntrack_ftp.c, find_pattern: a packet that may be the start of a line is dropped, now this one, now that.
  expect: { conntrack: any },
});
