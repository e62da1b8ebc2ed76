import { quirkyServer, type ServerSession } from "anchorage";

const checks = (verb: string) => async (session: ServerSession, name: string) => {
  const data = session.isPassive ? await session.opensData() : undefined;
  if (data === undefined || data.connection.remote.address === session.peerAddress) {
    return session.obeysPlainly(verb, name);
  }
  data.closes();
  session.forgetsData();
  await session.says("425 Possible PASV port theft, cannot open data connection");
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
