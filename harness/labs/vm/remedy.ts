/**
 * The remedy for a failure of Vagrant, by its message. Pure.
 *
 * @example
 * remedyFor("… Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory", "openbsd-7.8")
 * // "libvirtd is not running: sudo systemctl start libvirtd"
 */

interface Known {
  readonly words: RegExp;
  readonly remedy: (machine: string) => string;
}

/** The first match counts. Wordings: Vagrant 2.3.4, vagrant-libvirt 0.11.2, libvirt 9.0, QEMU 7.2. */
const KNOWN: readonly Known[] = [
  {
    words: /Failed to connect socket to '[^']*': (No such file or directory|Connection refused)/,
    remedy: () => "libvirtd is not running: sudo systemctl start libvirtd",
  },
  {
    words: /Failed to connect socket to '[^']*': Permission denied|authentication unavailable|polkit/,
    remedy: () => 'you may not use libvirt: sudo usermod -aG libvirt,kvm "$USER", then log in again',
  },
  {
    words: /Could not access KVM kernel module|failed to initialize kvm|type=kvm|does not support virt type 'kvm'/i,
    remedy: () =>
      "KVM does not work here: switch virtualisation on in the firmware, or ANCHORAGE_DRIVER=qemu (ten times slower)",
  },
  {
    words: /reporting that it\s+isn't usable|[Tt]he provider '[^']*' could not be found|No usable default provider/,
    remedy: () => "no provider works: `anchorage vm status` says what to install",
  },
  {
    words: /there is no public box of|The box '[^']*' could not be found|could not be accessed in the remote catalog/,
    remedy: (machine) => `make the box: sh vm/box/build.sh ${machine}`,
  },
  {
    words: /not\s+yet ready for SSH|VM must be (created|running)|must be created before/,
    remedy: (machine) => `start it: anchorage vm up ${machine}`,
  },
  {
    words: /already (in use|exists)|storage volume .* exists/i,
    remedy: (machine) =>
      `a machine of that name is there from another folder: anchorage vm down ${machine} --remove there, or virsh undefine`,
  },
  {
    words: /Timed out while waiting for the machine to boot|Connection reset. Retrying/,
    remedy: (machine) =>
      `it does not come up in time: without KVM that is usual; anchorage vm up ${machine} again goes on waiting`,
  },
];

/** Undefined: the message is unknown. */
export const remedyFor = (words: string, machine = "RELEASE"): string | undefined =>
  KNOWN.find((known) => known.words.test(words))?.remedy(machine);
