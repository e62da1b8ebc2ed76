import { fails, quirkyServer, type ServerSession } from "anchorage";

const TWO_MINUTES_MS = 120_000;
const givesUp = async (session: ServerSession) => {
  await session.waits(TWO_MINUTES_MS);
  await session.replies("no data");
};
const hangs = fails({ by: "server", at: "RETR", notice: "hangs" });

export default quirkyServer({
  title: "425 after two minutes",
  who: "The server's own connect(2) has to time out before it says 425. Most clients have given up by then; those that wait learn the reason. ftp-proxy(8) keeps its rules and waits with them.",
  sources: ["RFC 959 §5.4", "tcp(7) tcp_syn_retries: 127 s", "captures/quirks/nodata-conn-replies.425.txt"],
  topic: "pipelining",
  modes: ["active"],
  errands: ["fetch"],
  needs: ["long-waits"],
  commands: { LIST: givesUp, RETR: givesUp, STOR: givesUp },
  expect: { "ftp-proxy": hangs, conntrack: hangs, none: fails({ notice: "hangs" }) },
});
