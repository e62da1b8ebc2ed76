import { fails, quirkyServer } from "anchorage";

const givenUp = fails({ by: "server", notice: "421" });

export default quirkyServer({
  title: "A server that gives up with 421 after a transfer",
  who: "Every server has an idle limit, and some count the time of a transfer as idle: behind the 226 it says 421 and closes in one breath. The line must reach the client before the end does, and the rules go with the session.",
  sources: ["RFC 959 §5.4", "RFC 1123 §4.1.3.2", "curl test1120", "captures/quirks/421-idle.txt"],
  topic: "timing",
  commands: {
    RETR: async (session, name) => {
      await session.obeysPlainly("RETR", name);
      await session.waits(500);
      await session.says("421 Timeout");
      session.closes();
    },
  },
  expect: { "ftp-proxy": givenUp, conntrack: givenUp },
});
