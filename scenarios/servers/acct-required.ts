import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "332 after PASS: an account is wanted",
  who: "Some mainframes and billing servers ask for ACCT after the password. The plain client gives none, and the login fails; ftp-proxy(8) passes the question.",
  sources: ["RFC 959 §4.1.1 ACCT", "curl tests/data/test228", "curl CURLOPT_FTP_ACCOUNT"],
  topic: "commands",
  priority: 3,
  replies: { PASS: "332 Please provide account" },
  expect: {
    "ftp-proxy": fails({ by: "client", at: "the login", notice: "332" }),
    conntrack: fails({ by: "client", at: "the login", notice: "332" }),
    none: fails({ by: "client", at: "the login", notice: "332" }),
  },
});
