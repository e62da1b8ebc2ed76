/**
 * A user's own library as a player, by an adapter that fits a screen (docs/your-library.md): `--client ./my-client.mjs`.
 * It plays in a bottle, so in virtual time, in network namespaces and in virtual machines.
 *
 * @example
 * export default { name: "mine", async fetch({ host, port, user, password, file }) { return download(…); } };
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import { type Bottle, openBottle } from "../../bottle/bottle.ts";
import type { ErrandsPart, Wish } from "../../contract/errands.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import type { Mode, Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import type { Family } from "../../pf/packet.ts";
import { ErrandLog } from "../errand-log.ts";
import { CONTENTS, FETCHED, STORED } from "../files.ts";
import { hang } from "../ftp/failure.ts";
import { describeErrand } from "../ftp/players.ts";

/** What an adapter's functions get. */
export interface LibraryCall {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** How the data connection should be asked for, if the adapter knows more than one mode. */
  readonly mode: Mode;
  readonly family: Family;
  /** The file to fetch, or the name to store under. */
  readonly file: string;
}

/** A client library. One call is one session. */
export interface ClientAdapter {
  readonly name: string;
  /** `import.meta.url` (CommonJS: `__filename`), for an adapter that is given as an object. */
  readonly file?: string;
  readonly version?: string;
  /** Default: passive. */
  readonly modes?: readonly Mode[];
  /** Default: both. */
  readonly families?: readonly Family[];
  /** Resolves to the bytes of `file`; whoever judges compares them. */
  fetch(call: LibraryCall): Promise<Uint8Array | string>;
  /** Stores these bytes as `file`. */
  store?(call: LibraryCall, contents: Uint8Array): Promise<unknown>;
  list?(call: LibraryCall): Promise<unknown>;
}

/** A server library. */
export interface ServerAdapter {
  readonly name: string;
  /** `import.meta.url` (CommonJS: `__filename`), for an adapter that is given as an object. */
  readonly file?: string;
  readonly version?: string;
  readonly families?: readonly Family[];
  /** Listens on `host` and `port`, accepts the account, and serves `files`. Resolves when it is ready. */
  start(call: ServerCall): Promise<RunningServer>;
}

export interface ServerCall extends Omit<LibraryCall, "file" | "mode"> {
  /** Contents by name. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

export interface RunningServer {
  close(): unknown;
}

const USER = "anchorage";
const PASSWORD = "anchorage";
/** For one errand. */
const PATIENCE_MS = 120_000;

/** A user's module, and what it is in a bottle (bundle.ts). */
export interface AdapterFile<Adapter> {
  readonly file: string;
  readonly code: string;
  /** Its default export, as it was read outside a bottle to know its name. */
  readonly adapter: Adapter;
}

export const libraryClient = ({ file, code, adapter }: AdapterFile<ClientAdapter>): Player<ErrandsPart> => ({
  ...named(adapter),
  needs: ["bottles"],
  async take(host, script) {
    const bottle = openBottle(host);
    const library = adapterIn(bottle.evaluate(file, code)) as ClientAdapter;
    const log = new ErrandLog();
    const { address, port } = script.roles.dialled;
    const account = { host: address, port, family: script.family, user: USER, password: PASSWORD };
    const does = async ({ what, mode = "passive" }: Wish): Promise<number | undefined> => {
      const call = { ...account, mode, file: what === "store" ? STORED : FETCHED };
      if (what === "fetch") return whole(await inTime(library.fetch(call), bottle, host.clock, script));
      const done = what === "store" ? library.store?.(call, CONTENTS) : library.list?.(call);
      await inTime(done, bottle, host.clock, script);
      return undefined;
    };
    const tries = async (wish: Wish) => {
      const { what } = wish;
      const name = what === "store" ? STORED : FETCHED;
      const facts = what === "list" ? { what } : { what, name, of: CONTENTS.length };
      // It is in the log, and the next errand is tried all the same.
      await log.does(facts, () => does(wish)).catch(() => {});
      const errand = log.errands.at(-1);
      if (errand !== undefined) script.noted("client", describeErrand(errand), errand.verdict !== "failed");
    };
    return {
      part: {
        async does(wishes) {
          for (const wish of wishes) if (wish.what in library) await tries(wish);
        },
      },
      errands: () => log.errands,
      stop: async () => bottle.close(),
    };
  },
});

export const libraryServer = ({ file, code, adapter }: AdapterFile<ServerAdapter>): Player<unknown> => ({
  ...named(adapter),
  needs: ["bottles"],
  async take(host, script) {
    const bottle = openBottle(host);
    const library = adapterIn(bottle.evaluate(file, code)) as ServerAdapter;
    const { family } = script;
    const account = { user: USER, password: PASSWORD, family, host: host.address(family), port: CONTROL_PORT };
    const files = { [FETCHED]: CONTENTS };
    const running = await inTime(library.start({ ...account, files }), bottle, host.clock, script);
    return {
      part: running,
      stop: async () => {
        await Promise.race([running.close(), bottle.failed]).catch(() => {});
        bottle.close();
      },
    };
  },
});

const named = ({ name, version }: { readonly name: string; readonly version?: string }) => ({
  name,
  ...(version !== undefined && { version }),
});

/** The default export of an ES module or of CommonJS. */
const adapterIn = (exports: unknown): unknown => (exports as { readonly default?: unknown }).default ?? exports;

function whole(got: Uint8Array | string): number {
  const bytes = typeof got === "string" ? Buffer.from(got, "latin1") : got;
  if (Buffer.compare(bytes, CONTENTS) === 0) return bytes.length;
  throw new Deviation(
    "other-bytes",
    `${CONTENTS.length} bytes`,
    `data incomplete: ${bytes.length} of ${CONTENTS.length} bytes`,
  );
}

/** Rejects when the library, or the bottle, fails before, or nothing comes of it in time. */
async function inTime<T>(promise: Promise<T> | undefined, bottle: Bottle, clock: Clock, script: Script): Promise<T> {
  const patienceMs = script.patience(PATIENCE_MS);
  let timer: Timer | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = clock.after(patienceMs, () => reject(hang(patienceMs)));
  });
  try {
    return await Promise.race([promise ?? Promise.reject(new Error("not in the adapter")), bottle.failed, limit]);
  } finally {
    timer?.cancel();
  }
}
