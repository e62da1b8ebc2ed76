import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A server that keeps its side of an upload open for five seconds",
  who: "The client sends FIN after its file and goes on listening; the server writes the file to its disk, says 226 and only then closes. A relay that answers one FIN with two would cut the server short.",
  sources: ["RFC 959 §3.4.1", "mtheall/ftpd #167"],
  priority: 1,
  topic: "data",
  errands: ["store"],
  commands: {
    STOR: async (session, name) => {
      const data = await session.opensData();
      await session.replies("opening");
      session.files.write(name, await data.receives(30_000));
      await session.waits(5_000);
      await session.replies("done");
      data.closes();
    },
  },
});
