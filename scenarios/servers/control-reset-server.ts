import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A server that resets its control connection in a transfer",
  who: "The server's control process crashes while another sends the file. ftp-proxy(8) logs it as a refused connection, ends the session and empties its anchor; the data arrives all the same.",
  sources: ["RFC 959 §5.2", "ftp-proxy.c 1.41: server_error", "captures/quirks/control-reset.server.txt"],
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
      await data.sends(file.subarray(0, 1_000), 10_000);
      await session.waits(500);
      session.resets();
      await session.waits(500);
      await data.sends(file.subarray(1_000), 10_000);
      data.ends();
    },
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "RETR", notice: "connection closed", log: "server refused connection" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "connection reset" }),
  },
});
