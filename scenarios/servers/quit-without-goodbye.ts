import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A server that closes at QUIT without a 221",
  who: "Embedded servers close the connection without a goodbye. ftp-proxy(8) closes the client's, and the rules are gone.",
  sources: ["RFC 959 §5.4 QUIT", "ftp-proxy.c 1.41 server_error"],
  topic: "commands",
  commands: { QUIT: (session) => session.closes() },
});
