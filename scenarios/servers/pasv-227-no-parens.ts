import { hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 without parentheses",
  who: "Some servers write the address as RFC 959's own figure does, bare, after a blank. ftp-proxy(8) wants a parenthesis after the last blank: it finds no port and ends the session, and the client never sees the reply.",
  sources: [
    "RFC 959 §5.3.2",
    "RFC 1123 §4.1.2.6",
    "curl lib/ftp.c ftp_state_pasv_resp",
    "captures/quirks/pasv-227-no-parens.txt",
    "captures/quirks/pasv-227-no-parens.reverse.txt",
  ],
  priority: 1,
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 Entering passive mode. ${hostPort}` },
  expect: { "ftp-proxy": hangsUpAt("the 227") },
});
