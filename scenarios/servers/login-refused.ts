import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "530 to every login",
  who: "The user is unknown, or anonymous logins are off. ftp-proxy(8) passes the refusal, and the session goes on or ends as client and server like.",
  sources: ["RFC 959 §5.4", "captures/quirks/login-style-proxy-user.txt", "curl tests/data/test196"],
  topic: "commands",
  replies: { PASS: "530 Login incorrect" },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "the login", notice: "530" }),
    conntrack: fails({ by: "server", at: "the login", notice: "530" }),
    none: fails({ by: "server", at: "the login", notice: "530" }),
  },
});
