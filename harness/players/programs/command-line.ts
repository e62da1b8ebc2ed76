/**
 * A program of the user's own, as `--client` and `--server` have it: a command line for sh(1) in which words in
 * braces stand for what each play is about. Pure.
 *
 * A name may stand in front, and a version: `mine/1.4: ./mine …`. Otherwise the program's own name is taken. Braces
 * that stand for themselves are doubled, as in `awk '{{print}}'`; `${NAME}` is the shell's and left to it.
 *
 * @example
 * const { name, command } = parseCommandLine("client", "curl -o {download} {url}/{file}", CLIENT_WORDS);
 * fillIn(command, { download: "/mnt/work/in/file", url: "ftp://a:b@198.51.100.7:21", file: "file" });
 */

export interface OwnProgram {
  /** As the results name it. */
  readonly name: string;
  readonly version?: string;
  /** As typed, the name in front taken away. */
  readonly command: string;
  /** What sh(1) would run first; absent when that is not plain to see. */
  readonly program?: string;
}

/** The words of a client's command line, and what stands in their places. */
export const CLIENT_WORDS = {
  host: "address to connect to",
  port: "port to connect to",
  user: "name to log in with",
  password: "password to log in with",
  url: "all of these: ftp://USER:PASSWORD@HOST:PORT, IPv6 in brackets",
  file: "name of the file on the server that is to be downloaded",
  download: "path where it must lie afterwards",
  upload: "path of a file that is to be uploaded",
  stored: "name under which the server must have it afterwards",
} as const;

/** The same of a server's. */
export const SERVER_WORDS = {
  host: "address to listen on",
  port: "port to listen on",
  user: "name that must be let in; with root an account of the system",
  password: "its password",
  dir: "its home, where the files are",
} as const;

export type Words = Readonly<Record<string, string>>;

/** A command line that cannot be played; the message says what to write. */
export class CommandLineError extends Error {
  override readonly name = "CommandLineError";
}

const NAMED = /^([A-Za-z0-9][\w.+-]*)(?:\/([\w.+~:-]+))?:\s+(\S.*)$/s;
/** A word in braces, doubled ones first; not behind a dollar sign. */
const BRACES = /\{\{(\w+)\}\}|(?<!\$)\{([a-z]\w*)\}/g;
const ASSIGNMENT = /^[A-Za-z_]\w*=\S*\s+/;

export function parseCommandLine(option: "client" | "server", text: string, words: Words): OwnProgram {
  const [, given, version, rest] = NAMED.exec(text.trim()) ?? [];
  const command = rest ?? text.trim();
  if (command === "") throw new CommandLineError(`--${option}: the command is empty`);
  for (const word of wordsIn(command)) {
    if (word in words) continue;
    const known = Object.keys(words).map((one) => `{${one}}`);
    throw new CommandLineError(
      `--${option}: nobody knows what {${word}} stands for; there are ${known.join(" ")}, and {{${word}}} is {${word}} itself`,
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

/** Values are put in as they are: they have no character that sh(1) would read as its own. */
export const fillIn = (command: string, values: Readonly<Record<string, string>>): string =>
  command.replaceAll(BRACES, (all, itself: string | undefined, word: string | undefined) =>
    itself !== undefined ? `{${itself}}` : (values[word ?? ""] ?? all),
  );

/** As `--client` takes it again, with its name: `mine/1.4: ./mine {host}`. */
export const asTyped = ({ name, version, command }: OwnProgram): string =>
  `${name}${version === undefined ? "" : `/${version}`}: ${command}`;

/** In single quotes, for sh(1). */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function firstProgram(command: string): string | undefined {
  let rest = command;
  while (ASSIGNMENT.test(rest)) rest = rest.replace(ASSIGNMENT, "");
  return /^[\w./+~-]+(?=\s|;|$)/.exec(rest)?.[0];
}
