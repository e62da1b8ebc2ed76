/**
 * Plain and quirky peers as players of a lab. On a time line each errand is a step; an errand that fails does not stop
 * the play.
 *
 * @example
 * scenario({ client: ftpClient("plain"), server: ftpServer("pasv-227-no-parens", behaviour), … })
 */

import type { Errand } from "../../../reports/model.ts";
import type { ErrandsPart } from "../../contract/errands.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import type { Player } from "../../contract/scenario.ts";
import type { Script } from "../../contract/script.ts";
import { type ClientBehaviour, type ClientOptions, ClientSession } from "./client-session.ts";
import { FtpServer } from "./server.ts";
import type { ServerBehaviour } from "./server-session.ts";

/** Of virtual time; a lab in real time shortens them. A client waits longer than its server. */
const CONNECT_MS = 30_000;
const REPLY_MS = 60_000;
const DATA_MS = 20_000;

export const ftpServer = (
  name: string,
  behaviour: ServerBehaviour,
  { port = CONTROL_PORT }: { readonly port?: number } = {},
): Player<FtpServer> => ({
  name,
  needs: [],
  async take(host, script) {
    const server = await FtpServer.start(host, { address: host.address(script.family), port }, behaviour, {
      dataMs: script.patience(DATA_MS),
      onVainDial: () => script.noted("server", "dials data", false),
    });
    return { part: server, stop: async () => server.close() };
  },
});

/** `account`: where the server wants a certain user; by default the client is anonymous. */
export const ftpClient = (
  name: string,
  behaviour: ClientBehaviour = {},
  account: Pick<ClientOptions, "user" | "password"> = {},
): Player<ErrandsPart> => ({
  name,
  needs: [],
  async take(host, script) {
    const client = new ClientSession(host, {
      ...account,
      server: script.roles.dialled,
      family: script.family,
      ...(script.roles.client === host.address(script.family) ? {} : { from: script.roles.client }),
      behaviour,
      waits: { connectMs: script.patience(CONNECT_MS), replyMs: script.patience(REPLY_MS) },
      onErrand: note(script),
      onVainDial: () => script.noted("client", "opens data", false),
    });
    return {
      part: { does: (errands) => client.runs(errands) },
      errands: () => client.errands,
      stop: async () => client.leaves(),
    };
  },
});

const note =
  (script: Script) =>
  (errand: Errand): void =>
    script.noted("client", describeErrand(errand), errand.verdict !== "failed");

/** `fetch file.bin by PASV: done`, `fetch file.bin by PASV: failed, hangs for 30 s`. */
export function describeErrand({ what, name, verdict, negotiation, notice }: Errand): string {
  const by = negotiation === undefined ? "" : ` by ${negotiation.join(", then ")}`;
  const errand = `${what}${name === undefined ? "" : ` ${name}`}${by}`;
  return `${errand}: ${verdict}${notice === undefined ? "" : `, ${notice}`}`;
}
