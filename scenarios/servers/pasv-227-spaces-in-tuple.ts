import { dropsReply, fails, hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with blanks after the commas",
  who: "Some servers write the six numbers as prose, with a blank after each comma. ftp-proxy(8) starts to read at the last blank, which is now inside the address: it finds no port and ends the session.",
  sources: [
    "RFC 959 §5.3.2",
    "FluentFTP Client/Modules/PassivePortModule.cs",
    "captures/quirks/pasv-227-spaces-in-tuple.txt",
  ],
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 Entering Passive Mode (${hostPort.replaceAll(",", ", ")})` },
  expect: { "ftp-proxy": hangsUpAt("the 227"), conntrack: dropsReply, none: fails({ at: "the 227" }) },
});
