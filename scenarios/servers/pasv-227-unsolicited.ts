import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 that nobody asked for",
  who: "A hostile server answers NOOP with a 227, so that the firewall opens a port that no client asked for. ftp-proxy(8) acts only on the reply to a PASV: the forged lines pass as they are, open nothing and close nothing.",
  sources: ["RFC 959 §4.2.2", "ftp-proxy.c 1.41", "captures/quirks/pasv-227-unsolicited.txt"],
  priority: 1,
  families: ["inet"],
  errands: ["talk", "fetch", "talk", "store"],
  commands: {
    NOOP: async (session) => {
      const { hostPort } = await session.listensForData();
      await session.says(`227 Entering Passive Mode (${hostPort})`);
    },
  },
});
