import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "421 and hang-up in the middle of a download",
  who: "A server counts only the control connection as activity: it says 421 and closes it while the file still goes over the data connection. ftp-proxy(8) ends the session and takes its rules away, but the state of the data connection outlives them, and the file arrives whole.",
  sources: ["RFC 959 §5.4", "ftp-proxy.c 1.41 end_session", "docs/reference/clients.jsonl"],
  topic: "timing",
  errands: ["fetch"],
  commands: {
    RETR: async (session, name) => {
      const file = session.files.read(name);
      if (file === undefined) return session.replies("no file");
      const data = await session.beginsTransfer();
      if (data === undefined) return;
      await data.sends(file.subarray(0, file.length / 2), 10_000);
      await session.says("421 Timeout");
      session.closes();
      await session.waits(1_000);
      await data.sends(file.subarray(file.length / 2), 10_000);
      data.ends();
    },
  },
  expect: {
    "ftp-proxy": fails({ by: "server", notice: "421" }),
    conntrack: fails({ by: "server", notice: "421" }),
  },
});
