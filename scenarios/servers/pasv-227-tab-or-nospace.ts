import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with a tab after the code",
  who: "Hand-written servers forget the blank that RFC 959 wants after the code. What ftp-proxy(8) waits for is `227` and a blank: the reply passes as it is, no rule is loaded. A client that reads it dials a closed firewall, and one that wants the blank waits for ever.",
  sources: [
    "RFC 959 §4.2",
    "captures/quirks/pasv-227-tab-or-nospace.tab.txt",
    "captures/quirks/pasv-227-tab-or-nospace.nospace.txt",
  ],
  priority: 3,
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227\tEntering Passive Mode (${hostPort})` },
  expect: {
    "ftp-proxy": fails({ at: "the 227", notice: "hangs", anchor: "empty" }),
    conntrack: fails({ at: "the 227", notice: "hangs" }),
    none: fails({ at: "the 227", notice: "hangs" }),
  },
});
