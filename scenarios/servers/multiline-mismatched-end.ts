import { fails, quirkyServer } from "anchorage";

const neverEnds = fails({ by: "server", at: "RETR", notice: "hangs" });

export default quirkyServer({
  title: "A reply that begins with one code and ends with another",
  who: "glftpd starts with `553-` and ends with `150 `. A client or proxy that waits for `553 ` hangs; ftp-proxy(8) does not follow replies over lines.",
  sources: ["RFC 959 §4.2", "veeso/suppaftp PR #168", "captures/quirks/multiline-mismatched-end.txt"],
  topic: "replies",
  modes: ["passive"],
  errands: ["fetch"],
  commands: { RETR: (session) => session.says("553-Not here\r\n150 Opening nothing") },
  expect: { "ftp-proxy": neverEnds, conntrack: neverEnds },
});
