import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A server that dials twice",
  who: "After one PORT or EPRT the server opens a second connection while the first is in use. `max 1` holds in this direction too: the second SYN gets no answer.",
  sources: ["RFC 959 §3.2", "pf.conf(5) max", "captures/openbsd-7.8/max1_second_connection.txt"],
  topic: "data",
  modes: ["active"],
  errands: ["fetch"],
  commands: {
    RETR: async (session, name) => {
      const file = session.files.read(name);
      if (file === undefined) return session.replies("no file");
      await session.replies("opening");
      const data = await session.opensData();
      const second = session.dialsBack(session.named?.port ?? 0, 5_000);
      await data.sends(file, 10_000);
      data.ends();
      await session.replies("done");
      await second;
    },
  },
});
