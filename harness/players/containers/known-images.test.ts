import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { KNOWN_IMAGES, knownImage } from "./known-images.ts";

const WANTED = { user: "me", password: "secret", address: "192.0.2.7", ports: { first: 30_000, last: 30_009 } };

const images = Object.entries(KNOWN_IMAGES);

test.each(images.filter(([, { unfit }]) => unfit === undefined))(
  "%s is told its account and passive address",
  (image, known) => {
    const told = JSON.stringify([known.environment?.(WANTED), known.script?.(WANTED)]);
    expect(told).toContain("me");
    if (known.environment !== undefined) expect(told).toContain("secret");
    // bftpd and this pyftpdlib answer with the address at which the client has found them.
    if (!/^(bftpd|pyftpdlib):/.test(image)) expect(told).toContain("192.0.2.7");
    if (known.ports === undefined) expect(told).toMatch(/30000.*30009/);
  },
);

test.each(images.filter(([, { script }]) => script !== undefined))("the script for %s is one for sh(1)", (_, known) => {
  const { status, stderr } = spawnSync("sh", ["-n"], { input: known.script?.(WANTED).join("\n"), encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});

test.each([
  ["fauria/vsftpd", "fauria/vsftpd"],
  ["docker.io/fauria/vsftpd:latest", "fauria/vsftpd"],
  ["stilliard/pure-ftpd@sha256:0123", "stilliard/pure-ftpd"],
  ["vsftpd:fluentftp", "vsftpd:fluentftp"],
])("%s is known as %s", (reference, name) => {
  expect(knownImage(reference)).toBe(KNOWN_IMAGES[name]);
});

test.each(["vsftpd", "me/vsftpd", "vsftpd:latest"])("%s is not known", (reference) => {
  expect(knownImage(reference)).toBeUndefined();
});
