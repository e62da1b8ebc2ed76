/**
 * What a proxy says on its own account, and the commands that it answers so instead of passing them
 * on. ftp-proxy(8) has but one such reply (ftp-proxy.md §15); options of our own have others.
 */

interface Authorship {
  /** The option that allows it. */
  readonly option: string;
  readonly reply: RegExp;
  /** Commands that may stay with the proxy. */
  readonly answers?: RegExp;
}

const AUTHORSHIPS: readonly Authorship[] = [
  { option: "-A", reply: /^500 Only anonymous FTP allowed\r\n$/, answers: /^u/i },
  { option: "--check-peer", reply: /^500 Illegal (PORT|EPRT) command\r\n$/, answers: /^(PORT|EPRT) /i },
  { option: "--epsv-only", reply: /^502 /, answers: /^(PASV|PORT |EPRT )/i },
  { option: "--passive-only", reply: /^502 /, answers: /^(PORT |EPRT )/i },
  { option: "--reply-421", reply: /^421 / },
];

const allowed = (args: readonly string[]): Authorship[] => AUTHORSHIPS.filter(({ option }) => args.includes(option));

/** May the proxy have written this reply itself? */
export const mayBeAuthored = (args: readonly string[], reply: string): boolean =>
  allowed(args).some((authorship) => authorship.reply.test(reply));

/** May the proxy have answered this command itself? */
export const mayBeAnswered = (args: readonly string[], command: string): boolean =>
  allowed(args).some(({ answers }) => answers?.test(command) === true);
