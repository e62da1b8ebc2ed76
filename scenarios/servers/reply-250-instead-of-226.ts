import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "250 at the end of a transfer",
  who: "RFC 959 allows 250 beside 226 after the data, and some servers send it. ftp-proxy(8) looks at 227 and 229 only.",
  sources: ["RFC 959 §5.4", "docs/reference/clients.jsonl"],
  priority: 3,
  topic: "replies",
  replies: { done: "250 Done" },
});
