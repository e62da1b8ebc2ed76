/**
 * FTP through firewalls in an author's vitest files: a test for each cell of the matrix, and matchers for results.
 *
 * @example
 * import { firewall } from "anchorage/vitest";
 * import mine from "./my-client.mjs";
 *
 * firewall("mine behind PF", { client: mine, servers: ["plain", "quirk:pasv-*"], subjects: ["core", "none"] });
 */

import { describe, type TestContext, test } from "vitest";
import type { PlayResult } from "../../reports/model.ts";
import { serviceInWords } from "../../reports/service.ts";
import {
  type ClientChoice,
  cells,
  type MatrixCell,
  type MatrixChoice,
  type OneOrMore,
  type ServerChoice,
} from "../api/matrix.ts";
import { doesWork } from "./matchers.ts";

export { ftpClient } from "../loopback/client.ts";
export { ftpServer } from "../loopback/server.ts";
export type { FailureParts } from "./matchers.ts";

type Places = Omit<MatrixChoice, "clients" | "servers" | "scenarios" | "onResult" | "signal">;

/** Your client before servers, or your server before clients. Yours is an adapter with its `file`, a path, or a command. */
export type FirewallChoice = Places &
  (
    | { readonly client: ClientChoice; readonly servers?: OneOrMore<ServerChoice> }
    | { readonly server: ServerChoice; readonly clients?: OneOrMore<ClientChoice> }
  );

/** A play in `sim` takes milliseconds. In other labs it waits for real programs and timeouts. */
const TIMEOUT_MS = 120_000;

/**
 * A `describe` with one test a cell, named like the cell. It passes if FTP works there. A cell in which the plain client
 * (or server) in your place is not served either is skipped, and says why: nothing of yours broke it.
 */
export function firewall(name: string, choice: FirewallChoice): void {
  describe(name, async () => {
    for (const cell of await cells(matrixOf(choice))) {
      const run = cell.concurrent ? test.concurrent : test;
      run(cell.id, { timeout: TIMEOUT_MS }, (context) => playAsTest(cell, choice, context));
    }
  });
}

const matrixOf = (choice: FirewallChoice): MatrixChoice =>
  "client" in choice ? { ...choice, clients: choice.client } : { ...choice, servers: choice.server };

async function playAsTest(
  cell: MatrixCell,
  choice: FirewallChoice,
  { expect, skip, signal }: TestContext,
): Promise<void> {
  if (cell.skipped !== undefined) return skip(cell.skipped);
  const result = await cell.play({ signal });
  if (!doesWork(result)) {
    const plain = await playOfPlain(cell, choice);
    if (plain !== undefined && !doesWork(plain))
      return skip(`a plain one is not served either: ${serviceInWords(plain)}`);
  }
  expect(result).toWork();
}

/** The same cell with the plain player in place of yours; undefined if yours is one. */
async function playOfPlain(cell: MatrixCell, choice: FirewallChoice): Promise<PlayResult | undefined> {
  const others = await cells({
    ...matrixOf(choice),
    ...("client" in choice ? { clients: "plain" } : { servers: "plain" }),
    ...{ sides: cell.side, families: cell.family, eras: cell.era, labs: cell.lab },
  });
  const [own, peer] = "client" in choice ? (["client", "server"] as const) : (["server", "client"] as const);
  const same = others.find((one) => one[peer] === cell[peer] && one.subject === cell.subject);
  return same === undefined || cell[own] === "plain" ? undefined : same.play();
}
