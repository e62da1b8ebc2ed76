/**
 * Waits until an FTP server in a container greets. A wait for its ports would wait for the passive ones, too, which
 * nobody listens on before a transfer; and Docker accepts connections to a port before the server does.
 *
 * @example
 * new GenericContainer("me/ftpd").withExposedPorts(21).withWaitStrategy(new FtpGreeting())
 */

import { connect } from "node:net";
import { type BoundPorts, getContainerRuntimeClient, type WaitStrategy } from "testcontainers";
import { CONTROL_PORT } from "../contract/roles.ts";

const STEP_MS = 100;

/** The part of a container that is asked for. */
interface Inspected {
  inspect(): Promise<{ readonly State: { readonly Running: boolean; readonly ExitCode: number } }>;
}

export class FtpGreeting implements WaitStrategy {
  #timeoutMs = 60_000;
  #isSet = false;

  async waitUntilReady(container: Inspected, boundPorts: BoundPorts): Promise<void> {
    const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
    const port = boundPorts.getBinding(CONTROL_PORT);
    const end = Date.now() + this.#timeoutMs;
    while (!(await greets(host, port, end - Date.now()))) {
      const { State } = await container.inspect();
      if (!State.Running) throw new Error(`the FTP server ended with status ${State.ExitCode} before it greeted`);
      if (Date.now() > end) throw new Error(`no FTP greeting at ${host}:${port} within ${this.#timeoutMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  }

  withStartupTimeout(milliseconds: number): this {
    this.#timeoutMs = milliseconds;
    this.#isSet = true;
    return this;
  }

  isStartupTimeoutSet(): boolean {
    return this.#isSet;
  }

  getStartupTimeout(): number {
    return this.#timeoutMs;
  }
}

/** RFC 959, section 5.4: 220 when it is ready, 120 when it will be. */
function greets(host: string, port: number, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.setTimeout(Math.max(1, limitMs));
    const ends = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.once("data", (bytes) => ends(/^[12]20/.test(bytes.toString("latin1"))));
    for (const event of ["end", "error", "timeout", "close"]) socket.once(event, () => ends(false));
  });
}
