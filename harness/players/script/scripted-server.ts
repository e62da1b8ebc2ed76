/**
 * A server that does what the script says, line by line. It listens from the beginning of the play; `accepts` takes the
 * next control connection.
 *
 * @example
 * await server.accepts();
 * await server.sends("220 Ready");
 * await server.gets("PASV");
 */

import type { Endpoint } from "../../../proxy/host.ts";
import type { LabHost } from "../../contract/lab.ts";
import { CONTROL_PORT } from "../../contract/roles.ts";
import type { Player } from "../../contract/scenario.ts";
import { Deviation, type Script } from "../../contract/script.ts";
import { hostPort, parseExtendedHostPort, parseHostPort } from "./addresses.ts";
import { PATIENCE_MS } from "./control-channel.ts";
import type { DataChannel } from "./data-channel.ts";
import { Arrivals, CLOSING_MS, ScriptedPeer } from "./scripted-peer.ts";

export class ScriptedServer extends ScriptedPeer {
  #active: Endpoint | undefined;
  readonly #arrivals: Arrivals;
  readonly #others: ScriptedServer[] = [];

  constructor(host: LabHost, script: Script, arrivals = new Arrivals()) {
    super("server", host, script);
    this.#arrivals = arrivals;
  }

  /** Listens for control connections. */
  async opens(port = CONTROL_PORT): Promise<void> {
    await this.#arrivals.listen(this.host, { address: this.host.address(this.script.family), port });
  }

  /** Stops listening, so that further control connections are refused. */
  refusesConnections(): Promise<void> {
    return this.script.step("server", "refuses connections", async () => {
      this.#arrivals.stop();
      await this.script.wait(CLOSING_MS);
    });
  }

  /** The same server in a second session: its `accepts` takes the next control connection. */
  another(): ScriptedServer {
    const other = new ScriptedServer(this.host, this.script, this.#arrivals);
    this.#others.push(other);
    return other;
  }

  accepts(): Promise<void> {
    return this.script.step("server", "accepts", async (patience) => {
      const patienceMs = patience(PATIENCE_MS);
      const connection = await this.#arrivals.next(this.host, patienceMs);
      if (connection === undefined) {
        throw new Deviation("silence", "a control connection", `none in ${patienceMs / 1000} s`);
      }
      this.adopt(connection);
    });
  }

  /** `198,51,100,7,197,123`: the address in a 227, for the port that it listens on. */
  get hostPort(): string {
    return hostPort({ address: this.address, port: this.dataPort });
  }

  /** The address and port in the last PORT or EPRT, if it could be read. */
  get named(): Endpoint | undefined {
    return this.#active;
  }

  /** The address and port in the last PORT or EPRT. */
  get active(): Endpoint {
    if (this.#active === undefined) throw new Deviation("silence", "a PORT or EPRT command", "none with an address");
    return this.#active;
  }

  get activePort(): number {
    return this.active.port;
  }

  /** Dials the address of the last PORT or EPRT, from port 20 (RFC 959 §5.2) or another. */
  dialsData(options: { readonly to?: Endpoint; readonly from?: number } = {}): Promise<DataChannel> {
    return this.script.step("server", "dials data", (patience) =>
      this.dial(options.to ?? this.active, patience, { address: this.address, port: options.from ?? 20 }),
    );
  }

  /** Dials the address of the last PORT or EPRT, or another, and does not get through. */
  cannotDialData(
    cause: "no-answer" | "refused",
    options: { readonly to?: Endpoint; readonly from?: number } = {},
  ): Promise<void> {
    const local = { address: this.address, port: options.from ?? 20 };
    return this.script.step("server", `cannot dial data (${cause})`, (_, differs) =>
      this.dialInVain(cause, options.to ?? this.active, differs, local),
    );
  }

  /** Dials the address of the last PORT or EPRT from a neighbour's address, and gets no answer. */
  cannotDialDataFrom(neighbour: LabHost): Promise<void> {
    return this.script.step("server", "cannot dial data from a neighbour's address", (_, differs) =>
      this.dialInVain("no-answer", this.active, differs, undefined, neighbour),
    );
  }

  protected override heard(line: string): void {
    if (/^PORT /i.test(line)) this.#active = parseHostPort(line);
    if (/^EPRT /i.test(line)) this.#active = parseExtendedHostPort(line);
  }

  override async leave(): Promise<void> {
    this.#arrivals.leave();
    for (const other of this.#others.splice(0)) await other.leave();
    await super.leave();
  }
}

export const scriptedServer: Player<ScriptedServer> = {
  name: "scripted",
  needs: [],
  async take(host, script) {
    const part = new ScriptedServer(host, script);
    await part.opens();
    return { part, stop: () => part.leave() };
  },
};
