/**
 * A recorded session of pfctl on OpenBSD 7.8, cut into commands: `$ command`, `< input`, what came back, `[exit N]`.
 */

export interface RecordedCommand {
  readonly command: string;
  readonly stdin: string;
  /** Both outputs, as they came. */
  readonly output: string;
  readonly status: number;
}

export function readSession(text: string): RecordedCommand[] {
  const commands: RecordedCommand[] = [];
  let command: string | undefined;
  let stdin = "";
  let output = "";
  for (const line of text.split("\n")) {
    const exit = /^\[exit (\d+)\]$/.exec(line);
    if (exit !== null && command !== undefined) {
      commands.push({ command, stdin, output, status: Number(exit[1]) });
      command = undefined;
    } else if (command === undefined) {
      if (!line.startsWith("$ ")) continue;
      command = line.slice(2);
      stdin = "";
      output = "";
    } else if (line.startsWith("< ") && output === "") stdin += `${line.slice(2)}\n`;
    else output += `${line}\n`;
  }
  return commands;
}
