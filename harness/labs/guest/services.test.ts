import { describe, expect, test } from "vitest";
import { PlayerMissing } from "../../contract/scenario.ts";
import { openbsdGuest } from "./guest-system.ts";
import { guestServices, ServiceError } from "./services.ts";

/** A guest on which one command says no. */
function guest(refuses: RegExp, words: string) {
  const typed: string[] = [];
  const services = guestServices(openbsdGuest, async (command, args) => {
    const line = [command, ...args].join(" ");
    typed.push(line);
    return refuses.test(line) ? { status: 1, stdout: "", stderr: words } : { status: 0, stdout: "", stderr: "" };
  });
  return { services, typed };
}

describe("a service on the guest", () => {
  test("is started in the place of whichever proxy an earlier run has left", async () => {
    const { services, typed } = guest(/ stop /, "ftpproxy(failed)");
    await services.start("core-daemon", "inet", ["-D7", "-T", "FTP"]);
    expect(typed).toEqual([
      ...["rcctl stop ftpproxy", "rcctl disable ftpproxy", "rcctl stop anchorage_ftpproxy"],
      ...["rcctl disable anchorage_ftpproxy", "rcctl enable anchorage_ftpproxy"],
      ...["rcctl set anchorage_ftpproxy flags -D7 -T FTP", "rcctl start anchorage_ftpproxy"],
    ]);
    typed.length = 0;
    await services.start("ftp-proxy", "inet", []);
    expect(typed).toEqual(["rcctl enable ftpproxy", "rcctl set ftpproxy flags ", "rcctl start ftpproxy"]);
  });

  test("that does not start says what was typed and answered", async () => {
    const { services } = guest(/ start /, "ftpproxy(failed)\n");
    const failure = services.start("ftp-proxy", "inet", ["-D7"]);
    await expect(failure).rejects.toThrow(ServiceError);
    await expect(failure).rejects.toThrow("rcctl start ftpproxy: ftpproxy(failed)");
  });

  test("that is not installed is missing, not broken", async () => {
    const { services } = guest(/ enable /, "rcctl: service anchorage_ftpproxy does not exist\n");
    await expect(services.start("core-daemon", "inet", [])).rejects.toThrow(PlayerMissing);
  });

  test("runs with its processes watched, and is stopped when the play is broken off", async () => {
    const typed: string[] = [];
    const watched: (readonly string[])[] = [];
    const services = guestServices(
      openbsdGuest,
      async (command, args) => {
        typed.push([command, ...args].join(" "));
        return { status: 0, stdout: "", stderr: "" };
      },
      { trace: async (pgrep) => void watched.push(pgrep) },
    );
    await services.start("ftp-proxy", "inet6", ["-D7"]);
    expect(watched).toEqual([["-x", "ftp-proxy"]]);
    typed.length = 0;
    await services.stopAll();
    await services.stopAll();
    expect(typed).toEqual(["rcctl stop ftpproxy6", "rcctl disable ftpproxy6"]);
  });

  test("is stopped without complaint when it is gone already", async () => {
    await guest(/./, "no").services.stop("ftp-proxy", "inet6");
  });
});
