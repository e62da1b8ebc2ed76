import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 226 that comes seconds after the data",
  who: "A server flushes the file to its disk, scans it or moves it before it says 226. A client that asks for the next port at the end of the data has two replies in the air; one that waits gets all. ftp-proxy(8) pairs the next reply with the last command.",
  sources: ["RFC 959 §5.4", "proftpd-mod_proxy #337", "docs/reference/clients.jsonl"],
  topic: "pipelining",
  pauses: { done: 3_000 },
});
