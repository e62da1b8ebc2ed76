import { fails, quirkyServer, type ServerSession } from "anchorage";

const refuses = (session: ServerSession) => session.says("425 Cannot open data connection");

export default quirkyServer({
  title: "425 in place of every data connection",
  who: "The server takes the PORT or EPRT and then says that it cannot dial. ftp-proxy(8) does not read the reply: its rules stay until the next command of that kind or the end.",
  sources: ["RFC 959 §5.4", "curl NODATACONN425, test1206", "captures/quirks/nodata-conn-replies.425.txt"],
  priority: 1,
  modes: ["active"],
  commands: Object.fromEntries(["LIST", "NLST", "RETR", "STOR", "STOU", "APPE"].map((verb) => [verb, refuses])),
  expect: {
    "ftp-proxy": fails({ by: "server", notice: "425" }),
    conntrack: fails({ by: "server", notice: "425" }),
    none: fails({ notice: "425" }),
  },
});
