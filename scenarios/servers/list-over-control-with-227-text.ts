import { quirkyServer } from "anchorage";

const FILES = ["227 Entering Passive Mode (10,0,0,66,4,1)", "229 (|||1025|)"];
const listing = (code: number, end: string) => [`${code}-Files:`, ...FILES, `${code} ${end}`].join("\r\n");

export default quirkyServer({
  title: "Lines like a 227 in the text of other replies",
  who: "STAT lists a folder within a reply, and a file's name begins like a passive reply; so may a line of the 230. No passive command is pending, so ftp-proxy(8) sends it on; helpers that look for `227 ` at the start of a packet open a hole.",
  sources: ["RFC 959 §4.2", "lftp(1) ftp:use-stat-for-list", "captures/quirks/list-over-control-with-227-text.txt"],
  topic: "pipelining",
  replies: { PASS: listing(230, "Logged in"), STAT: listing(213, "End") },
});
