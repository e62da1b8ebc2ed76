import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A transfer that no 226 follows",
  who: "A server forgets the reply at the end of a transfer. The file is there, and the client waits for the word until its patience ends; ftp-proxy(8) waits with it.",
  sources: ["RFC 959 §5.4", "docs/reference/clients.jsonl"],
  topic: "replies",
  replies: { done: null },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "RETR", notice: "hangs" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
