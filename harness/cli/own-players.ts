/** `--client` and `--server`: players of the user's choice. */

import type { Command } from "commander";
import type { Mode } from "../contract/scenario.ts";
import type { OwnPlayers } from "../run/own-players.ts";

export interface OwnPlayerOptions {
  readonly client?: readonly string[];
  readonly server?: readonly string[];
  readonly scenarios?: readonly string[];
  readonly mode?: readonly (Mode | "control")[];
}

export const hasOwnPlayers = ({ client, server }: OwnPlayerOptions): boolean =>
  client !== undefined || server !== undefined;

export const ownPlayers = ({ client, server, scenarios, mode }: OwnPlayerOptions): OwnPlayers => ({
  ...(mode && { modes: mode.filter((one) => one !== "control") }),
  ...(client && { clients: client }),
  ...(server && { servers: server }),
  ...(scenarios && { scenarios }),
});

export const addOwnPlayers = (command: Command): Command =>
  command
    .option(
      "--client <player...>",
      "clients: quirk:NAME (* matches any), plain, basic-ftp, curl and other known programs, ./module.mjs, image:REF COMMAND, or a command such as 'mine: ./mine {host} {file} {download}'",
    )
    .option(
      "--server <player...>",
      "servers: quirk:NAME, plain, ftp-srv, vsftpd and other known programs, ./module.mjs, image:REF, or a command such as 'mine: ./mine -p {port} -r {dir}'",
    );
