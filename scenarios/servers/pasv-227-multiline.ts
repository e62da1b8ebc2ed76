import { asWithoutProxy, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 of several lines",
  who: "aioftp once sent `227-listen socket created` before the 227 with the address. ftp-proxy(8) takes the first line for the answer to PASV and forgets the command: the second line passes as it is, no rule is loaded, and the client dials a closed firewall.",
  sources: [
    "RFC 959 §4.2",
    "aio-libs/aioftp PR #85",
    "captures/quirks/pasv-227-multiline.txt",
    "captures/quirks/pasv-227-multiline.reverse.txt",
  ],
  priority: 1,
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227-listen socket created\r\n227 Entering Passive Mode (${hostPort})` },
  expect: {
    "ftp-proxy": asWithoutProxy("passive"),
    conntrack: asWithoutProxy("passive"),
  },
});
