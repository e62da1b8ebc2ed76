import { hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with an equals sign before the address",
  who: "Minimal servers in the manner of publicfile write `227 =` and the six numbers. RFC 1123 asks clients to look for the first digit; ftp-proxy(8) wants a parenthesis after the last blank and ends the session.",
  sources: ["RFC 1123 §4.1.2.6", "publicfile", "captures/quirks/pasv-227-equals-prefix.txt"],
  priority: 3,
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 =${hostPort}` },
  expect: { "ftp-proxy": hangsUpAt("the 227") },
});
