/**
 * The things that a machine lacks to run the virtual machines of vm/, with the commands that install them. Pure.
 *
 * @example
 * missing({ system: "debian", vagrant: undefined, providers: [], kvm: "absent", bundle: true })
 * // [{ what: "vagrant", why: "starts the virtual machines", install: ["sudo apt-get install vagrant"] }, …]
 */

export type HostSystem = "debian" | "fedora" | "macos" | "other";
export type Provider = "libvirt" | "virtualbox";

export interface MachineFacts {
  readonly system: HostSystem;
  /** Its version; undefined: not installed. */
  readonly vagrant: string | undefined;
  /** Usable by Vagrant. */
  readonly providers: readonly Provider[];
  /** /dev/kvm: without it everything is ten times slower. */
  readonly kvm: "usable" | "denied" | "absent";
  /** dist/ftp-proxy.mjs is there, or not wanted. */
  readonly bundle: boolean;
}

export interface Missing {
  readonly what: string;
  readonly why: string;
  /** Commands, line by line; or where to read on. */
  readonly install: readonly string[];
  /** It works without, but slowly. */
  readonly optional?: true;
}

const DOWNLOADS = "https://developer.hashicorp.com/vagrant/install";

const VAGRANT: Readonly<Record<HostSystem, readonly string[]>> = {
  debian: ["sudo apt-get install vagrant", `where apt has none: ${DOWNLOADS}`],
  fedora: ["sudo dnf install vagrant"],
  macos: ["brew install --cask hashicorp-vagrant"],
  other: [DOWNLOADS],
};

const PROVIDER: Readonly<Record<HostSystem, readonly string[]>> = {
  debian: [
    "sudo apt-get install vagrant-libvirt libvirt-daemon-system qemu-system-x86",
    'sudo usermod -aG libvirt,kvm "$USER"    # then log in again',
  ],
  fedora: [
    "sudo dnf install vagrant-libvirt libvirt-daemon-kvm qemu-kvm",
    'sudo systemctl enable --now libvirtd && sudo usermod -aG libvirt "$USER"    # then log in again',
  ],
  macos: ["brew install --cask virtualbox    # Macs with an Intel processor"],
  other: ["libvirt with `vagrant plugin install vagrant-libvirt`, or VirtualBox"],
};

export function missing(facts: MachineFacts): Missing[] {
  const found: Missing[] = [];
  if (facts.vagrant === undefined) {
    found.push({ what: "vagrant", why: "starts the virtual machines", install: VAGRANT[facts.system] });
  }
  if (facts.providers.length === 0) {
    found.push({ what: "a provider", why: "runs them: libvirt or VirtualBox", install: PROVIDER[facts.system] });
  }
  if (facts.kvm === "denied") {
    found.push({
      what: "/dev/kvm",
      why: "is there, but not for you: vm/box/build.sh would be ten times slower (libvirt opens it as another user)",
      install: ['sudo usermod -aG kvm "$USER"    # then log in again'],
      optional: true,
    });
  }
  if (facts.kvm === "absent" && facts.system !== "macos" && !facts.providers.includes("virtualbox")) {
    found.push({
      what: "/dev/kvm",
      why: "is not there: everything is ten times slower",
      install: ["switch virtualisation on in the firmware; in a cloud, take a machine with nested virtualisation"],
      optional: true,
    });
  }
  if (!facts.bundle) {
    found.push({
      what: "dist/ftp-proxy.mjs",
      why: "is the proxy that goes into the machine (or ANCHORAGE_WITHOUT_NODE=1: only agents go in)",
      install: ["npm ci && npm run build"],
    });
  }
  return found;
}

/** For people: each missing thing, with its commands indented. */
export const describeMissing = (list: readonly Missing[]): string =>
  list
    .map(({ what, why, install }) => [`${what}: ${why}`, ...install.map((line) => `    ${line}`)].join("\n"))
    .join("\n");
