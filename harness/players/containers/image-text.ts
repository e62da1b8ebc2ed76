/**
 * An image as `--client` and `--server` name it: its reference, options of `docker run` (`-e`, `--cap-add`), a command.
 * sh(1) splits the text into words.
 *
 * @example
 * parseImage("image:me/ftpd:2 -e FTP_USER={user} -e FTP_PASS={password} vsftpd /etc/mine.conf");
 * // { reference: "me/ftpd:2", environment: { FTP_USER: "{user}", … }, command: ["vsftpd", "/etc/mine.conf"] }
 */

import { spawnSync } from "node:child_process";
import { IMAGE } from "../pairing/names.ts";
import { CommandLineError, fillIn } from "../programs/command-line.ts";

export interface ImageText {
  readonly reference: string;
  readonly environment: Readonly<Record<string, string>>;
  /** capabilities(7) beyond those that every container has. */
  readonly capabilities: readonly string[];
  /** Empty: the image's own. */
  readonly command: readonly string[];
}

/** Throws CommandLineError. */
export function parseImage(text: string): ImageText {
  const [first = "", ...rest] = shellWords(text);
  const reference = first.slice(IMAGE.length);
  if (reference === "") throw new CommandLineError(`"${text}" names no image: write image:NAME`);
  const environment: Record<string, string> = {};
  const capabilities: string[] = [];
  while (rest[0] === "-e" || rest[0] === "--cap-add") {
    const [option, variable = ""] = rest.splice(0, 2);
    if (option === "--cap-add") {
      capabilities.push(variable);
      continue;
    }
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(variable) ?? [];
    if (name === undefined || value === undefined) {
      throw new CommandLineError(`${first}: -e takes NAME=VALUE, as in -e FTP_USER={user}, not "${variable}"`);
    }
    environment[name] = value;
  }
  if (rest[0] === "--") rest.shift();
  return { reference, environment, capabilities, command: rest };
}

/** The text with the values of a play in the place of words in braces. */
export function filledIn(image: ImageText, values: Record<string, string>): ImageText {
  const { environment, command } = image;
  const filled = Object.entries(environment).map(([name, value]) => [name, fillIn(value, values)] as const);
  return {
    ...image,
    environment: Object.fromEntries(filled),
    command: command.map((word) => fillIn(word, values)),
  };
}

/** `fauria/vsftpd:latest` is fauria-vsftpd in results: a slash separates the parts of an id. */
export const imageName = (reference: string): string =>
  reference
    .replace(/@sha256:.*|:latest$/, "")
    .replaceAll(/[^\w.+-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");

function shellWords(text: string): string[] {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", `set -f; printf '%s\\0' ${text}`], { encoding: "utf8" });
  if (status !== 0) throw new CommandLineError(`"${text}" cannot be split into words: ${stderr.trim()}`);
  return stdout.split("\0").slice(0, -1);
}
