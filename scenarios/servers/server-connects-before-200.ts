import { fails, type Handler, quirkyServer } from "anchorage";

const dialsAtOnce =
  (verb: string): Handler =>
  async (session, argument) => {
    await session.obeysPlainly(verb, argument);
    if (session.named === undefined) return;
    const data = await session.opensData().catch(() => undefined);
    await session.says(data === undefined ? "425 Can't open data connection" : "200 Connected already");
  };

export default quirkyServer({
  title: "A server that dials before it answers PORT",
  who: "ftp-srv and a few others try the client's port at once and answer PORT only when they are through. The rules must be there before the server can read the command: ftp-proxy(8) of today loads them first, its older generation waited for the 200.",
  sources: [
    "RFC 959 §3.3",
    "ftp-srv src/commands/registration/port.js",
    "ftp-proxy.c 1.41 client_parse",
    "quirks-seen: server-connects-before-200",
  ],
  priority: 1,
  replies: { PORT: null, EPRT: null },
  commands: { PORT: dialsAtOnce("PORT"), EPRT: dialsAtOnce("EPRT") },
  expect: {
    classic: fails({ by: "firewall", at: "data connection" }),
  },
});
