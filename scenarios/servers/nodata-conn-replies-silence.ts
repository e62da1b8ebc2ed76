import { fails, quirkyServer, type ServerSession } from "anchorage";

const neverDials = (session: ServerSession) => session.replies("opening");
const hangs = fails({ by: "server", at: "RETR", notice: "hangs" });

export default quirkyServer({
  title: "Silence instead of a data connection",
  who: "The server says 150 and never dials. Nothing in ftp-proxy(8) grows tired of that: the rules stay as long as the session does, and the client has to give up.",
  sources: ["curl NODATACONN150, tests 1208 and 1209", "captures/quirks/nodata-conn-replies.silence.txt"],
  priority: 1,
  topic: "pipelining",
  modes: ["active"],
  commands: { LIST: neverDials, RETR: neverDials, STOR: neverDials },
  expect: { "ftp-proxy": hangs, conntrack: hangs, none: fails({ notice: "hangs" }) },
});
