/** Words as Vagrant 2.3.4 with vagrant-libvirt 0.11.2 prints them, broken into lines as it breaks them. */

import { expect, test } from "vitest";
import { remedyFor } from "./remedy.ts";

const socket = (why: string) =>
  `Call to virConnectOpen failed: Failed to connect socket to '/var/run/libvirt/libvirt-sock': ${why}`;

test.each([
  [socket("No such file or directory"), "systemctl start libvirtd"],
  [socket("Connection refused"), "systemctl start libvirtd"],
  [socket("Permission denied"), 'usermod -aG libvirt,kvm "$USER"'],
  [
    "The provider 'virtualbox' that was requested to back the machine\n'x' is reporting that it isn't usable",
    "vm status",
  ],
  ["No usable default provider could be found for your system.", "vm status"],
  ["there is no public box of openbsd-7.7 for libvirt: run sh vm/box/build.sh", "sh vm/box/build.sh openbsd-7.7"],
  ["machine is reporting that it\nis not yet ready for SSH. Depending on", "anchorage vm up openbsd-7.7"],
])("%s", (words, remedy) => {
  expect(remedyFor(words, "openbsd-7.7")).toContain(remedy);
});

test("unknown words have no remedy", () => {
  expect(remedyFor("There is a syntax error in the following Vagrantfile.")).toBeUndefined();
});
