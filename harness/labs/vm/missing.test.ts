import { describe, expect, test } from "vitest";
import { hostSystem, machineStates } from "./machine-facts.ts";
import { describeMissing, type MachineFacts, missing } from "./missing.ts";
import { remedyFor } from "./remedy.ts";

const whole: MachineFacts = { system: "debian", vagrant: "2.3.4", providers: ["libvirt"], kvm: "usable", bundle: true };
const wanted = (facts: Partial<MachineFacts>) => missing({ ...whole, ...facts }).map(({ what }) => what);

describe("a machine", () => {
  test("that has everything lacks nothing", () => {
    expect(missing(whole)).toEqual([]);
  });

  test("without Vagrant gets the command of its own system", () => {
    const words = (system: MachineFacts["system"]) =>
      describeMissing(missing({ ...whole, system, vagrant: undefined }));
    expect(words("debian")).toContain("sudo apt-get install vagrant");
    expect(words("fedora")).toContain("sudo dnf install vagrant");
    expect(words("macos")).toContain("brew install");
    expect(words("other")).toContain("https://");
  });

  test("without a provider needs one, whatever else it has", () => {
    expect(wanted({ providers: [] })).toEqual(["a provider"]);
    expect(wanted({ providers: ["virtualbox"] })).toEqual([]);
  });

  test("without KVM is slow; the reason says whether it lacks the device or the right", () => {
    expect(missing({ ...whole, kvm: "denied" })).toMatchObject([{ what: "/dev/kvm", optional: true }]);
    expect(missing({ ...whole, kvm: "absent" })[0]?.why).toContain("is not there");
    expect(wanted({ kvm: "absent", providers: ["virtualbox"] })).toEqual([]);
  });

  test("without our bundle must build it", () => {
    expect(describeMissing(missing({ ...whole, bundle: false }))).toContain("npm run build");
  });
});

test("a system is known by os-release, ID_LIKE included", () => {
  expect(hostSystem("linux", "ID=ubuntu\nID_LIKE=debian\n")).toBe("debian");
  expect(hostSystem("linux", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n')).toBe("fedora");
  expect(hostSystem("linux", "ID=arch\n")).toBe("other");
  expect(hostSystem("darwin", "")).toBe("macos");
});

test("Vagrant's machine-readable states are read, other lines are not", () => {
  const text = [
    "1700000000,openbsd-7.8,metadata,provider,libvirt",
    "1700000000,openbsd-7.8,provider-name,libvirt",
    "1700000000,openbsd-7.8,state,running",
    "1700000000,freebsd-14,state,not_created",
    "1700000000,,ui,info,Current machine states:",
  ].join("\n");
  expect([...machineStates(text)]).toEqual([
    ["openbsd-7.8", { state: "running", provider: "libvirt" }],
    ["freebsd-14", { state: "not_created" }],
  ]);
});

const socket = (why: string) =>
  `Call to virConnectOpen failed: Failed to connect socket to '/var/run/libvirt/libvirt-sock': ${why}`;

/** Messages of Vagrant 2.3.4 with vagrant-libvirt 0.11.2, with its line breaks. */
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
])("there is a remedy for: %s", (words, remedy) => {
  expect(remedyFor(words, "openbsd-7.7")).toContain(remedy);
});

test("an unknown message has no remedy", () => {
  expect(remedyFor("There is a syntax error in the following Vagrantfile.")).toBeUndefined();
});
