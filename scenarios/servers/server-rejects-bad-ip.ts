import { quirkyServer, type ServerSession } from "anchorage";

/** Opens the data connection only to the address of the control connection. */
const checks = (verb: string) => async (session: ServerSession, name: string) => {
  if (session.isPassive) session.takesDataFrom = session.peerAddress;
  await session.obeysPlainly(verb, name);
};

export default quirkyServer({
  title: "A server that takes data only from the control connection's address",
  who: "vsftpd, SFTPGo and ftp-srv answer 425 when data comes from another address than commands. ftp-proxy(8) makes PF translate data connections to the very address from which it dialled.",
  sources: [
    "RFC 2577 §5",
    "vsftpd pasv_promiscuous",
    "drakkan/sftpgo #1013",
    "captures/quirks/server-rejects-bad-ip.a.reverse.txt",
  ],
  priority: 1,
  topic: "data",
  modes: ["passive"],
  commands: { RETR: checks("RETR"), STOR: checks("STOR"), LIST: checks("LIST") },
});
