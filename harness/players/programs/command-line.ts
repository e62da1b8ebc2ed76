/**
 * A program of the user's own, as given to `--client`, `--server` and `--proxy`: a command line for sh(1), with words in braces
 * for the values of each play. Pure.
 *
 * A name and a version may come first: `mine/1.4: ./mine …`. Otherwise the program's own name counts. Literal braces
 * are doubled, as in `awk '{{print}}'`; `${NAME}` is left to the shell.
 *
 * @example
 * const { name, command } = parseCommandLine("client", "curl -o {download} {url}/{file}", CLIENT_WORDS);
 * fillIn(command, { download: "/mnt/work/in/file", url: "ftp://a:b@198.51.100.7:21", file: "file" });
 */

import { AnchorageError } from "../../contract/errors.ts";

export interface OwnProgram {
  /** As the results name it. */
  readonly name: string;
  readonly version?: string;
  /** As typed, without the name in front. */
  readonly command: string;
  /** The program that sh(1) would run first; absent when that is not obvious. */
  readonly program?: string;
}

/** The words of a client's command line, and the values that replace them. */
export const CLIENT_WORDS = {
  host: "address to connect to",
  port: "port to connect to",
  user: "name to log in with",
  password: "password to log in with",
  url: "all of these: ftp://USER:PASSWORD@HOST:PORT, IPv6 in brackets",
  file: "name of the file on the server to download",
  download: "path where the downloaded file must be afterwards",
  upload: "path of the file to upload",
  stored: "name that the uploaded file must have on the server",
} as const;

/** The same of a server's. */
export const SERVER_WORDS = {
  host: "address to listen on",
  port: "port to listen on",
  user: "name that may log in; an account of the system when run as root",
  password: "its password",
  dir: "its home, where the files are",
} as const;

/** The same of a proxy's. */
export const PROXY_WORDS = {
  listen: "address to listen on",
  port: "port to listen on",
  options: "options of ftp-proxy(8): -D7, -6 over IPv6, -R SERVER in reverse mode, -m SESSIONS, those of the scenario",
  pfctl: "path of a pfctl(8) that reaches the firewall's PF; its folder is first in PATH, too",
  server: "the server in reverse mode; empty in forward mode",
  family: "inet or inet6",
  side: "forward or reverse",
  era: "PF language of the firewall: divert-to, rdr-to or rdr-anchor",
  anchor: "ftp-proxy: rules belong into anchors below it",
} as const;

export type Words = Readonly<Record<string, string>>;

/** A command line that cannot be played; the message says what to write. */
export class CommandLineError extends AnchorageError {
  override readonly name = "CommandLineError";
}

const NAMED = /^([A-Za-z0-9][\w.+-]*)(?:\/([\w.+~:-]+))?:\s+(\S.*)$/s;
/** A word in braces, doubled ones first; not after a dollar sign. */
const BRACES = /\{\{(\w+)\}\}|(?<!\$)\{([a-z]\w*)\}/g;
const ASSIGNMENT = /^[A-Za-z_]\w*=\S*\s+/;

export function parseCommandLine(option: "client" | "server" | "proxy", text: string, words: Words): OwnProgram {
  const [, given, version, rest] = NAMED.exec(text.trim()) ?? [];
  const command = rest ?? text.trim();
  if (command === "") throw new CommandLineError(`--${option}: the command is empty`);
  for (const word of wordsIn(command)) {
    if (word in words) continue;
    const known = Object.keys(words).map((one) => `{${one}}`);
    throw new CommandLineError(
      `--${option}: {${word}} is unknown; there are ${known.join(" ")}, and {{${word}}} is a literal {${word}}`,
    );
  }
  const program = firstProgram(command);
  const name =
    given ??
    program
      ?.split("/")
      .at(-1)
      ?.replace(/[^\w.+-]/g, "") ??
    "";
  return {
    name: name === "" ? option : name,
    ...(version !== undefined && { version }),
    command,
    ...(program !== undefined && { program }),
  };
}

/** Words in braces, each once. */
export const wordsIn = (command: string): ReadonlySet<string> =>
  new Set([...command.matchAll(BRACES)].flatMap(([, , word]) => (word === undefined ? [] : [word])));

/** Values are inserted unquoted: none of them has a character that is special to sh(1). */
export const fillIn = (command: string, values: Readonly<Record<string, string>>): string =>
  command.replaceAll(BRACES, (all, itself: string | undefined, word: string | undefined) =>
    itself !== undefined ? `{${itself}}` : (values[word ?? ""] ?? all),
  );

/** As `--client` accepts it, with its name: `mine/1.4: ./mine {host}`. */
export const asTyped = ({ name, version, command }: OwnProgram): string =>
  `${name}${version === undefined ? "" : `/${version}`}: ${command}`;

/** In single quotes, for sh(1). */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function firstProgram(command: string): string | undefined {
  let rest = command;
  while (ASSIGNMENT.test(rest)) rest = rest.replace(ASSIGNMENT, "");
  return /^[\w./+~-]+(?=\s|;|$)/.exec(rest)?.[0];
}
