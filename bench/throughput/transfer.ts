/** One file over FTP by a program that people use, timed from its start to its end, and compared. */

import type { LabHost } from "../../harness/contract/lab.ts";
import { HOME, PASSWORD, prepareServer, prepareWork, UID, USER } from "../../harness/players/programs/account.ts";
import { findProgram } from "../../harness/players/programs/program.ts";
import { vsftpd } from "../../harness/players/programs/servers.ts";

export interface Transfer {
  readonly program: "curl" | "lftp";
  readonly command: "PASV" | "PORT";
  readonly direction: "download" | "upload";
  /** Of the server. */
  readonly address: string;
}

export const WAYS: readonly Omit<Transfer, "address">[] = (["curl", "lftp"] as const).flatMap((program) =>
  (["PASV", "PORT"] as const).flatMap((command) =>
    (["download", "upload"] as const).map((direction) => ({ program, command, direction })),
  ),
);

export interface Served {
  readonly bytes: number;
  /** SHA-256 of a file, hex. */
  digest(name: string): Promise<string>;
  remove(name: string): Promise<void>;
  stop(): Promise<void>;
}

const FILE = "file";
const COPY = "copy";
/** A program that has loaded its libraries, on a busy machine. */
const START_MS = 300;

/** vsftpd, listening, with a file of random bytes in its account's home. */
export async function startServer(host: LabHost, bytes: number): Promise<Served> {
  const found = await findProgram(host, vsftpd);
  const work = await prepareServer(host);
  for (const [path, text] of Object.entries(vsftpd.files?.({ family: "inet", address: "", work }) ?? {})) {
    await host.files.write(path, Buffer.from(text));
  }
  await shell(host, `head -c ${bytes} /dev/urandom > ${HOME}/${FILE} && chown -R ${UID}:${UID} ${HOME}`);
  const server = await host.spawn(found.command, [`${work}/vsftpd.conf`], { env: found.env });
  await new Promise<void>((resolve) => void host.clock.after(START_MS, resolve));
  return {
    bytes,
    digest: (name) => digest(host, `${HOME}/${name}`),
    remove: async (name) => void (await shell(host, `rm -f ${HOME}/${name}`)),
    async stop() {
      server.kill("SIGKILL");
      await server.exited;
    },
  };
}

export async function transferring(
  host: LabHost,
  server: Served,
): Promise<{ transfer(one: Transfer): Promise<number> }> {
  const folder = await prepareWork(host);
  const wanted = await server.digest(FILE);
  return {
    /** Megabits a second. */
    async transfer(one) {
      const found = await findProgram(host, { name: one.program, command: one.program, package: one.program });
      const local = `${folder}/${FILE}`;
      if (one.direction === "download") await shell(host, `rm -f ${local}`);
      else await server.remove(COPY);
      const start = performance.now();
      const { status, stderr } = await host.run(found.command, LINES[one.program](one, local), { env: found.env });
      const seconds = (performance.now() - start) / 1000;
      if (status !== 0) throw new Error(`${one.program} ended with status ${status}: ${stderr.trim()}`);
      const got = one.direction === "download" ? await digest(host, local) : await server.digest(COPY);
      if (got !== wanted) throw new Error(`${one.program} ${one.direction} ${one.command}: other bytes have arrived`);
      return (server.bytes * 8) / 1e6 / seconds;
    },
  };
}

/** Command lines: IPv4, and of the two commands exactly the one that is asked for. */
const LINES: Readonly<Record<Transfer["program"], (one: Transfer, local: string) => readonly string[]>> = {
  curl: ({ command, direction, address }, local) => [
    ...["--silent", "--show-error", "--user", `${USER}:${PASSWORD}`],
    ...(command === "PASV" ? ["--disable-epsv"] : ["--disable-eprt", "--ftp-port", "-"]),
    ...(direction === "download" ? ["--output", local] : ["--upload-file", local]),
    `ftp://${address}/${direction === "download" ? FILE : COPY}`,
  ],
  lftp: ({ command, direction, address }, local) => [
    "-c",
    [
      "set ftp:ssl-allow no",
      "set ftp:prefer-epsv no",
      `set ftp:passive-mode ${command === "PASV" ? "on" : "off"}`,
      "set ftp:auto-passive-mode no",
      "set xfer:clobber yes",
      `open -u ${USER},${PASSWORD} ftp://${address}`,
      direction === "download" ? `get ${FILE} -o ${local}` : `put ${local} -o ${COPY}`,
      "bye",
    ].join("; "),
  ],
};

const digest = async (host: LabHost, path: string): Promise<string> =>
  (await shell(host, `sha256sum ${path}`)).split(" ")[0] ?? "";

async function shell(host: LabHost, script: string): Promise<string> {
  const { status, stdout, stderr } = await host.run("sh", ["-c", script]);
  if (status !== 0) throw new Error(`${host.name}: ${script}: ${stderr.trim()}`);
  return stdout;
}
