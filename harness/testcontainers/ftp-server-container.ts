/**
 * An FTP server in a container for tests of clients, without a lab. Passive mode works by itself: a server names its
 * data ports in its replies, where no port mapping can follow, so each passive port is mapped to the same number, and the
 * server is told the address of Docker's host.
 *
 * @example
 * await using server = await new FtpServerContainer("stilliard/pure-ftpd").withAccount("me", "secret").start();
 * await client.access({ host: server.getHost(), port: server.getPort(), user: server.user, password: server.password });
 */

import { randomInt } from "node:crypto";
import { lookup } from "node:dns/promises";
import {
  AbstractStartedContainer,
  GenericContainer,
  getContainerRuntimeClient,
  type PortWithOptionalBinding,
  type StartedTestContainer,
} from "testcontainers";
import { AnchorageError } from "../contract/errors.ts";
import { CONTROL_PORT } from "../contract/roles.ts";
import { type ImageSetup, knownImage, type Ports } from "../players/containers/known-images.ts";
import { PASSWORD, USER } from "../players/programs/account.ts";
import { FtpGreeting } from "./ftp-greeting.ts";

/** Below those that Linux gives to outgoing connections (ip_local_port_range: 32768 …). */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const PORTS = 10;
const ATTEMPTS = 5;
/** Docker's and Podman's words for a port that another program has. */
const TAKEN = /port is already allocated|address already in use|port is already in use/i;

/** Nothing is known of an image's variables. */
export class UnknownImage extends AnchorageError {
  override readonly name = "UnknownImage";
  readonly image: string;

  constructor(image: string) {
    super(
      `FtpServerContainer does not know the image ${image}: say how it gets its account and passive ports, ` +
        "{ environment: ({ user, password, address, ports }) => ({ … }) }, as second argument",
    );
    this.image = image;
  }
}

export class FtpServerContainer extends GenericContainer {
  readonly #setup: ImageSetup;
  #user = USER;
  #password = PASSWORD;
  #ports: Ports | undefined;
  #created: string | undefined;

  /** `setup`: for an image of your own. Throws UnknownImage without one. */
  constructor(image: string, setup: ImageSetup | undefined = knownImage(image)) {
    super(image);
    if (setup === undefined) throw new UnknownImage(image);
    this.#setup = setup;
    this.withAddedCapabilities(...(setup.capabilities ?? []));
    this.withWaitStrategy(new FtpGreeting());
  }

  withAccount(user: string, password: string): this {
    this.#user = user;
    this.#password = password;
    return this;
  }

  /** Both inclusive. Default: ten ports that are free. */
  withPassivePorts(first: number, last: number): this {
    this.#ports = { first, last };
    return this;
  }

  override async start(): Promise<StartedFtpServerContainer> {
    const client = await getContainerRuntimeClient();
    const { address } = await lookup(client.info.containerRuntime.host, { family: 4 });
    const fixed = this.#setup.ports ?? this.#ports;
    const before = { exposed: [...this.exposedPorts], environment: [...(this.createOpts.Env ?? [])] };
    for (let attempt = 1; ; attempt++) {
      const ports = fixed ?? freePorts();
      this.#configure(ports, address, before);
      try {
        const account = { user: this.#user, password: this.#password };
        return new StartedFtpServerContainer(await super.start(), account, ports);
      } catch (error) {
        // testcontainers leaves a container that could not be started.
        if (this.#created !== undefined) {
          await client.container
            .remove(client.container.getById(this.#created), { removeVolumes: true })
            .catch(() => {});
        }
        const taken = error instanceof Error && TAKEN.test(error.message);
        if (!taken || fixed !== undefined || attempt === ATTEMPTS) throw error;
      }
    }
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.#created = id;
  }

  #configure(
    ports: Ports,
    address: string,
    { exposed, environment }: { exposed: PortWithOptionalBinding[]; environment: string[] },
  ): void {
    const wanted = { user: this.#user, password: this.#password, address, ports };
    const { script } = this.#setup;
    if (script !== undefined) this.withEntrypoint(["/bin/sh", "-c"]).withCommand([script(wanted).join("\n")]);
    const own = Object.entries(this.#setup.environment?.(wanted) ?? {}).map(([name, value]) => `${name}=${value}`);
    this.createOpts.Env = [...own, ...environment];
    this.exposedPorts = [];
    this.createOpts.ExposedPorts = {};
    this.hostConfig.PortBindings = {};
    const numbers = Array.from({ length: ports.last - ports.first + 1 }, (_, index) => ports.first + index);
    const mapped = numbers.map((port) => ({ container: port, host: port }));
    this.withExposedPorts(CONTROL_PORT, ...mapped, ...exposed);
  }
}

export class StartedFtpServerContainer extends AbstractStartedContainer {
  readonly user: string;
  readonly password: string;
  readonly passivePorts: Ports;

  constructor(container: StartedTestContainer, account: { user: string; password: string }, passivePorts: Ports) {
    super(container);
    this.user = account.user;
    this.password = account.password;
    this.passivePorts = passivePorts;
  }

  /** Of the control connection. */
  getPort(): number {
    return this.getMappedPort(CONTROL_PORT);
  }

  get url(): string {
    const account = `${encodeURIComponent(this.user)}:${encodeURIComponent(this.password)}`;
    return `ftp://${account}@${this.getHost()}:${this.getPort()}`;
  }
}

function freePorts(): Ports {
  const first = randomInt(LOWEST_PORT, HIGHEST_PORT - PORTS);
  return { first, last: first + PORTS - 1 };
}
