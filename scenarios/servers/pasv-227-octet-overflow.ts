import { fails, hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with numbers above 255",
  who: "A malicious or broken server sends numbers that do not fit in a byte, and a reader that shifts and adds them makes other addresses and ports of them. ftp-proxy(8) checks all six and ends the session.",
  sources: [
    "RFC 959 §5.3.2",
    "curl tests/data/test237",
    "captures/quirks/pasv-227-octet-overflow.txt",
    "captures/quirks/pasv-227-octet-overflow.256.txt",
  ],
  families: ["inet"],
  replies: { PASV: "227 Entering Passive Mode (1216,256,2,127,127,127)" },
  expect: { "ftp-proxy": hangsUpAt("the 227"), conntrack: fails({ at: "the 227" }), none: fails({ at: "the 227" }) },
});
