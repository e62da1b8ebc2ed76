import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "Two replies to OPTS",
  who: "A server confirms OPTS UTF8 ON twice. A client that sends it without need of an answer, and then PASV, may take the second for the answer to PASV, as ftp-proxy(8) does when it comes after the command.",
  sources: ["RFC 2389 §4", "docs/reference/clients.jsonl"],
  topic: "replies",
  replies: { OPTS: "200 UTF8 set to on\r\n200 Option accepted" },
});
