import { fails, type Handler, quirkyServer } from "anchorage";

const afterPret =
  (verb: string): Handler =>
  (session, argument) =>
    session.notes.delete("announced")
      ? session.obeysPlainly(verb, argument)
      : session.says(`500 You need to use a client supporting PRET (PRE Transfer) to use ${verb}`);

export default quirkyServer({
  title: "A server that wants PRET before PASV",
  who: "DrFTPD keeps files on slaves and must know the file before it can name a port: without PRET it refuses PASV. ftp-proxy(8) passes the refusal.",
  sources: ["curl tests 1107 and 1108", "drftpd-ng/drftpd", "captures/quirks/pret.txt"],
  topic: "commands",
  modes: ["passive"],
  commands: {
    PRET: async (session) => {
      session.notes.set("announced", true);
      await session.says("200 OK, planning to use master for upcoming transfer");
    },
    PASV: afterPret("PASV"),
    EPSV: afterPret("EPSV"),
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: ["PASV", "EPSV"], notice: "500 You need to use a client supporting PRET" }),
    conntrack: fails({ by: "server", at: ["PASV", "EPSV"], notice: "500 You need to use a client supporting PRET" }),
    none: fails({ by: "server", at: ["PASV", "EPSV"], notice: "500 You need to use a client supporting PRET" }),
  },
});
