import { fails, quirkyServer } from "anchorage";

const givenUp = fails({ by: "server", notice: "421" });

export default quirkyServer({
  title: "421 and hang-up in the middle of an upload",
  who: "A server counts only its control connection as activity: it says 421 and closes both connections while the client still sends. The 421 must come before the end, and the client has half a file on the server.",
  sources: ["RFC 959 §5.4", "RFC 1123 §4.1.3.2", "QuorumDMS/ftp-srv #387", "ftp-proxy.c 1.41: end_session"],
  topic: "timing",
  errands: ["store"],
  commands: {
    STOR: async (session) => {
      const passive = session.isPassive;
      if (!passive) await session.replies("opening");
      const data = await session.opensData();
      if (passive) await session.replies("opening");
      await data.has(1_000, 10_000);
      await session.says("421 Timeout");
      data.closes();
      session.closes();
    },
  },
  expect: { "ftp-proxy": givenUp, conntrack: givenUp },
});
