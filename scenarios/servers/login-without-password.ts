import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "230 straight after USER",
  who: "A server lets a user in without a password. A client that sends PASS all the same gets 202 or 503; ftp-proxy(8) does not look at logins.",
  sources: ["RFC 959 §5.4", "curl tests/data/test280"],
  topic: "commands",
  replies: { USER: "230 Logged in without a password", PASS: "202 Already logged in" },
});
