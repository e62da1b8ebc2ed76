import { fails, quirkyServer, type ServerSession } from "anchorage";

const givesUp = async (session: ServerSession) => {
  await session.says("421 Service not available");
  session.closes();
};
const refused = fails({ by: "server", at: "RETR", notice: "421" });

export default quirkyServer({
  title: "421 instead of a data connection",
  who: "The server gives up the whole session where it should dial. Its 421 must reach the client before the end does, and the rules go with the session.",
  sources: ["RFC 959 §5.4", "curl NODATACONN421, test1207", "captures/quirks/nodata-conn-replies.421.txt"],
  priority: 1,
  topic: "pipelining",
  modes: ["active"],
  commands: { LIST: givesUp, RETR: givesUp, STOR: givesUp },
  expect: { "ftp-proxy": refused, conntrack: fails({ by: "server" }), none: fails({ notice: "421" }) },
});
