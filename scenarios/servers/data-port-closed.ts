import { fails, quirkyServer, type ReplyPlace } from "anchorage";

const closed = (reply: (at: ReplyPlace) => string) => (at: ReplyPlace) => {
  at.session.stopsListening();
  return reply(at);
};

export default quirkyServer({
  title: "A passive port that is closed when the client comes",
  who: "The server has died or changed its mind. Its RST must come back through both translations, from the address that the client dialled, so that the client learns at once.",
  sources: ["pf.conf(5) rdr-to, nat-to", "captures/quirks/data-port-closed.txt"],
  topic: "data",
  replies: {
    PASV: closed(({ hostPort }) => `227 Entering Passive Mode (${hostPort})`),
    EPSV: closed(({ port }) => `229 Entering Extended Passive Mode (|||${port}|)`),
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "data connection", notice: "connection refused" }),
    conntrack: fails({ by: "server", at: "data connection", notice: "connection refused" }),
  },
});
