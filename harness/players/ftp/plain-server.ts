/**
 * What a plain server says and does at each command: RFC 959, 2389 (FEAT), 2428 (EPSV, EPRT), 3659 (SIZE, MDTM, REST).
 * A quirk replaces a reply or a handler by its name.
 */

import type { Endpoint } from "../../../proxy/host.ts";
import { parseExtendedHostPort, parseHostPort } from "../script/addresses.ts";
import type { Handler, PlainServer, Reply, ServerSession } from "./server-session.ts";

const FEATURES = ["EPRT", "EPSV", "MDTM", "PASV", "REST STREAM", "SIZE", "UTF8"];

const replies: Readonly<Record<string, Reply>> = {
  greeting: "220 Ready",
  opening: "150 Here it comes",
  done: "226 Done",
  broken: "426 Connection closed; transfer aborted",
  "no data": "425 Can't open data connection",
  "no file": "550 No such file",
  unknown: "502 Not implemented",
  idle: "421 Timeout",
  USER: "331 Any password will do",
  PASS: "230 Logged in",
  ACCT: "202 No account needed",
  PASV: ({ hostPort }) => `227 Entering Passive Mode (${hostPort})`,
  EPSV: ({ port }) => `229 Entering Extended Passive Mode (|||${port}|)`,
  "EPSV ALL": "200 EPSV ALL ok",
  PORT: "200 PORT command successful",
  EPRT: "200 EPRT command successful",
  "wrong family": "522 Network protocol not supported",
  TYPE: "200 Type set",
  MODE: ({ argument }) => (/^s$/i.test(argument) ? "200 Mode S" : "504 Only stream mode"),
  STRU: ({ argument }) => (/^f$/i.test(argument) ? "200 Structure F" : "504 Only file structure"),
  SYST: "215 UNIX Type: L8",
  FEAT: ["211-Features:", ...FEATURES.map((feature) => ` ${feature}`), "211 End"].join("\r\n"),
  OPTS: "200 UTF8 on",
  PWD: '257 "/" is the current directory',
  XPWD: '257 "/" is the current directory',
  CWD: "250 Directory changed",
  CDUP: "250 Directory changed",
  MKD: ({ argument }) => `257 "${argument}" created`,
  RMD: "250 Directory removed",
  RNFR: "350 Ready for RNTO",
  RNTO: "250 Renamed",
  ALLO: "202 No storage allocation necessary",
  CLNT: "200 Noted",
  NOOP: "200 Zzz",
  HELP: "214 See RFC 959",
  STAT: "211 Fine",
  ABOR: "226 Nothing to abort",
  REIN: "220 Ready for another user",
  QUIT: "221 Goodbye",
  SIZE: ({ argument }) => `213 ${argument}`,
  MDTM: "213 20260101000000",
  DELE: "250 Deleted",
};

/** Lists the folder over the data connection; `-l` and the like are not paths. */
const lists =
  (text: (session: ServerSession) => string): Handler =>
  async (session) => {
    if (!session.expectsData) return session.replies("no data");
    await session.transfersOut(new TextEncoder().encode(text(session)));
  };

const retrieves: Handler = async (session, name) => {
  const file = session.files.read(name);
  if (file === undefined) return session.replies("no file", name);
  await session.transfersOut(file.subarray(session.offset));
};

const stores: Handler = (session, name) =>
  session.transfersIn((bytes) => {
    const before = session.files.read(name)?.subarray(0, session.offset) ?? new Uint8Array();
    session.files.write(name, new Uint8Array(Buffer.concat([before, bytes])));
  });

const appends: Handler = (session, name) => {
  session.offset = session.files.read(name)?.length ?? 0;
  return stores(session, name);
};

const namesPort =
  (verb: "PORT" | "EPRT", parse: (argument: string) => Endpoint | undefined): Handler =>
  async (session, argument) => {
    const to = parse(argument);
    if (to === undefined || to.port > 65_535) return session.says(`501 ${verb} not understood`);
    if (to.address.includes(":") !== (session.family === "inet6")) return session.replies("wrong family");
    session.dialsLater(to);
    await session.replies(verb, argument);
  };

const entersPassiveMode: Handler = async (session) => {
  if (session.family === "inet6") return session.says("425 PASV is not for IPv6: use EPSV");
  await session.listensForData();
  await session.replies("PASV");
};

const commands: Readonly<Record<string, Handler>> = {
  PASV: entersPassiveMode,
  // As vsftpd and pure-ftpd have it, glftpd, and pure-ftpd.
  "P@SW": entersPassiveMode,
  CPSV: entersPassiveMode,
  SPSV: entersPassiveMode,
  EPSV: async (session, argument) => {
    if (/^all$/i.test(argument)) return session.replies("EPSV ALL");
    const own = session.family === "inet" ? "1" : "2";
    if (argument !== "" && argument !== own) return session.replies("wrong family");
    await session.listensForData();
    await session.replies("EPSV", argument);
  },
  PORT: namesPort("PORT", (argument) => parseHostPort(`PORT${argument}`)),
  EPRT: namesPort("EPRT", (argument) => parseExtendedHostPort(`EPRT ${argument}`)),
  LIST: lists(({ files }) => files.listing()),
  NLST: lists(({ files }) => files.names()),
  RETR: retrieves,
  STOR: stores,
  STOU: (session) => stores(session, "unique.bin"),
  APPE: appends,
  REST: async (session, argument) => {
    session.offset = Number(argument) || 0;
    await session.says(`350 Restarting at ${session.offset}`);
  },
  SIZE: async (session, name) => {
    const file = session.files.read(name);
    await (file === undefined ? session.replies("no file", name) : session.replies("SIZE", `${file.length}`));
  },
  MDTM: async (session, name) => {
    await session.replies(session.files.read(name) === undefined ? "no file" : "MDTM", name);
  },
  DELE: async (session, name) => {
    await session.replies(session.files.remove(name) ? "DELE" : "no file", name);
  },
  QUIT: async (session) => {
    await session.replies("QUIT");
    session.closes();
  },
};

export const plainServer: PlainServer = { replies, commands };
