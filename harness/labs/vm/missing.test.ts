import { describe, expect, test } from "vitest";
import { hostSystem } from "./machine-facts.ts";
import { machineStates } from "./machine-states.ts";
import { describeMissing, type MachineFacts, missing } from "./missing.ts";

const whole: MachineFacts = { system: "debian", vagrant: "2.3.4", providers: ["libvirt"], kvm: "usable", bundle: true };
const wanted = (facts: Partial<MachineFacts>) => missing({ ...whole, ...facts }).map(({ what }) => what);

describe("a machine", () => {
  test("that has everything lacks nothing", () => {
    expect(missing(whole)).toEqual([]);
  });

  test("without Vagrant is told how its own system installs it", () => {
    const words = (system: MachineFacts["system"]) =>
      describeMissing(missing({ ...whole, system, vagrant: undefined }));
    expect(words("debian")).toContain("sudo apt-get install vagrant");
    expect(words("fedora")).toContain("sudo dnf install vagrant");
    expect(words("macos")).toContain("brew install");
    expect(words("other")).toContain("https://");
  });

  test("without a provider is told of one, whatever else it has", () => {
    expect(wanted({ providers: [] })).toEqual(["a provider"]);
    expect(wanted({ providers: ["virtualbox"] })).toEqual([]);
  });

  test("without KVM can do it, slowly; it is said whether it lacks the device or the right", () => {
    expect(missing({ ...whole, kvm: "denied" })).toMatchObject([{ what: "/dev/kvm", optional: true }]);
    expect(missing({ ...whole, kvm: "absent" })[0]?.why).toContain("is not there");
    expect(wanted({ kvm: "absent", providers: ["virtualbox"] })).toEqual([]);
  });

  test("without our bundle is told to build it", () => {
    expect(describeMissing(missing({ ...whole, bundle: false }))).toContain("npm run build");
  });
});

test("a system is known by os-release, also by whom it is like", () => {
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
