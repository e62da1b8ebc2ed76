/** The kernel's variables that sysctl(8) shows and sets, as far as a firewall's set-up asks for them. */

/** `set`: root may change it. Values of a fresh OpenBSD 7.8, amd64. */
const VARIABLES: readonly (readonly [name: string, value: string, set?: "set"])[] = [
  ["kern.ostype", "OpenBSD"],
  ["kern.osrelease", "7.8"],
  ["kern.osrevision", "202510"],
  ["kern.version", "OpenBSD 7.8 (STAND-IN) #0"],
  ["kern.maxfiles", "7030", "set"],
  ["kern.hostname", "openbsd", "set"],
  ["kern.securelevel", "1", "set"],
  ["kern.osversion", "STAND-IN#0"],
  ["hw.machine", "amd64"],
  ["hw.ncpu", "1"],
  ["hw.ncpuonline", "1"],
  ["net.inet.ip.forwarding", "0", "set"],
  ["net.inet.ip.redirect", "1", "set"],
  ["net.inet.ip.ttl", "64", "set"],
  ["net.inet.ip.portfirst", "1024", "set"],
  ["net.inet.ip.portlast", "49151", "set"],
  ["net.inet.tcp.keepinittime", "150", "set"],
  ["net.inet.tcp.keepidle", "14400", "set"],
  ["net.inet.tcp.always_keepalive", "0", "set"],
  ["net.inet6.ip6.forwarding", "0", "set"],
  ["net.inet6.ip6.redirect", "1", "set"],
  ["net.inet6.ip6.hlim", "64", "set"],
  ["net.inet6.ip6.dad_count", "1", "set"],
];

export class Sysctl {
  readonly #values = new Map(VARIABLES.map(([name, value]) => [name, value]));

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  number(name: string): number {
    return Number(this.#values.get(name) ?? 0);
  }

  /** False: cannot be changed. */
  set(name: string, value: string): boolean {
    if (VARIABLES.find(([one]) => one === name)?.[2] !== "set") return false;
    this.#values.set(name, value);
    return true;
  }
}
