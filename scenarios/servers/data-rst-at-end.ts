import { fails, quirkyServer } from "anchorage";

const reset = fails({ by: "server", notice: "connection reset" });

export default quirkyServer({
  title: "A data connection that ends with RST",
  who: "Embedded servers, and servers that close with unread data, reset where RFC 959 wants FIN. The bytes before it arrive, and so does the reset: a strict client cannot know whether that was all of the file.",
  sources: ["RFC 959 §3.4", "ProFTPD NEWS bug 2863", "captures/quirks/data-rst-at-end.txt"],
  topic: "data",
  modes: ["passive"],
  errands: ["fetch"],
  needs: ["reset"],
  commands: {
    RETR: async (session, name) => {
      const file = session.files.read(name);
      if (file === undefined) return session.replies("no file");
      const data = await session.opensData();
      await session.replies("opening");
      await data.sends(file, 10_000);
      await session.waits(500);
      data.resets();
      await session.replies("done");
    },
  },
  expect: { "ftp-proxy": reset, conntrack: reset },
});
