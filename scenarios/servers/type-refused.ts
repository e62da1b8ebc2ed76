import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "TYPE I refused",
  who: "An embedded server knows one type and answers 504 to the other. Many clients go on all the same.",
  sources: ["RFC 959 §4.1.2 TYPE", "curl tests/data/test1055"],
  topic: "commands",
  priority: 3,
  replies: { TYPE: "504 Type not implemented" },
});
