import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 226 before the data has ended",
  who: "The server says that it is done, and its data is still on the way. PF carries data connections, so nothing that ftp-proxy(8) reads on the control connection cuts them short.",
  sources: ["RFC 959 §5.2", "giampaolo/pyftpdlib #156", "vsftpd Changelog (FlashFXP)"],
  topic: "pipelining",
  errands: ["fetch"],
  commands: {
    RETR: async (session, name) => {
      const file = session.files.read(name);
      if (file === undefined) return session.replies("no file");
      const data = await session.opensData();
      await session.replies("opening");
      await data.sends(file.subarray(0, 1_000), 10_000);
      await session.replies("done");
      await session.waits(2_000);
      await data.sends(file.subarray(1_000), 10_000);
      data.ends();
    },
  },
});
