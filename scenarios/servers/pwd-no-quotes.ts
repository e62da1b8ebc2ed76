import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 257 without quotes",
  who: "curl's tests have servers that answer PWD with a path without quotes, or none at all. A client that reads the path must cope; ftp-proxy(8) does not look.",
  sources: ["RFC 959 Appendix II", "curl tests/data/test1215"],
  topic: "commands",
  priority: 3,
  replies: { PWD: "257 /pub is the current directory" },
});
