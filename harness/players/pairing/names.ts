/** The words of `--client` and `--server` that are no command lines. */

import type { Wish } from "../../contract/errands.ts";
import type { Player } from "../../contract/scenario.ts";

/** Before the name of a quirk, or a pattern of names. */
export const QUIRK = "quirk:";

/** Before the reference of an image. */
export const IMAGE = "image:";

/** Who meets a server of the user's, and who a client of the user's, when only one of the two is named. */
export const DEFAULT_CLIENTS = ["curl", "lftp", "ncftp", "inetutils-ftp", "tnftp", "wget", "ftplib"];
export const DEFAULT_SERVERS = ["ftp-srv", "vsftpd", "proftpd", "pure-ftpd", "inetutils-ftpd", "pyftpdlib"];

/** A path of a module alone, not a command line that begins with one. */
export const isModule = (text: string): boolean => /^[^\s{}]+\.[cm]?[jt]s$/.test(text);

/** A player in the words of `--client` and `--server`, an adapter, which says where its module is, or a player itself. */
export type Named = string | Adapter | GivenPlayer;

/** A player that is made elsewhere, such as a container. */
export interface GivenPlayer<Part = unknown> {
  readonly name: string;
  readonly player: Player<Part>;
  /** How `--client` or `--server` would say it. */
  readonly typed: string;
  /** Of a client. Default: fetch and store. */
  readonly errands?: readonly Wish["what"][];
}

export interface Adapter {
  readonly name: string;
  /** `import.meta.url`, or `__filename` in CommonJS: it is evaluated again inside the lab, where its sockets are the lab's. */
  readonly file?: string;
}

/** Whether it plays on hosts that run no programs of this machine. */
export function playsAnywhere(one: Named): boolean {
  if (typeof one !== "string") return !("player" in one) || one.player.needs.length === 0;
  const text = one.trim();
  return text.startsWith(QUIRK) || ["plain", "basic-ftp", "ftp-srv"].includes(text) || isModule(text);
}
