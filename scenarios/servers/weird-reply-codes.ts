import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "Replies with codes that RFC 959 does not have",
  who: "curl's test server answers 314 and 633, RFC 2228 has a whole class of 6xx. ftp-proxy(8) looks for 227 and 229 when it awaits them, and at nothing else.",
  sources: ["curl tests 113 to 118 and 1282", "RFC 2228", "captures/quirks/weird-reply-codes.txt"],
  priority: 3,
  topic: "replies",
  replies: { TYPE: "633 XXXX", SYST: "314 bluah", NOOP: "999 Beyond", QUIT: "999 Gone" },
});
