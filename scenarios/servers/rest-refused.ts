import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "REST refused",
  who: "A server without restart answers 502 to REST, and the client fetches from the beginning. ftp-proxy(8) passes it.",
  sources: ["RFC 959 §4.1.3 REST", "curl tests/data/test112"],
  topic: "commands",
  priority: 3,
  commands: { REST: (session) => session.says("502 REST not implemented") },
});
