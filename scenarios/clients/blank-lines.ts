import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "An empty line behind each command",
  who: "Some clients and NAT devices send empty lines, which servers ignore. ftp-proxy(8) sends them on, but each clears its memory of the PASV before it: the reply passes as it came, no rules are loaded, and the client dials in vain.",
  sources: ["vsftpd Changelog", "captures/quirks/blank-lines.txt"],
  priority: 3,
  topic: "framing",
  writes: (line) => [`${line}\r\n`],
  expect: {
    "ftp-proxy": asWithoutProxy("passive"),
  },
});
