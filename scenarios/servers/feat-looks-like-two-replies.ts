import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A FEAT reply whose first line looks complete",
  who: "A server begins its list of features with `211 ` in place of `211-`. A strict client takes the first line for the whole reply, and every later one for the answer to the command before. ftp-proxy(8) sends lines on; a client that says PASV without waiting for the rest loses its rules.",
  sources: ["RFC 2389 §3.2", "RFC 959 §4.2", "docs/reference/clients.jsonl"],
  topic: "replies",
  replies: { FEAT: "211 Extensions supported:\r\n UTF8\r\n211 END" },
});
