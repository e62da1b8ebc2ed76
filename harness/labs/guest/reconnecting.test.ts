import { describe, expect, test } from "vitest";
import { LabLost } from "../../contract/lab.ts";
import { Reconnecting } from "./reconnecting.ts";

/** Its loss shows when it is checked, as that of an idle agent does. */
class Guest {
  isGone = false;
  closed = false;
  lost: string | undefined;
  async check(): Promise<void> {
    if (this.isGone) this.lost = "firewall: ssh ended with status 255";
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function guests(reachable: () => boolean = () => true) {
  const made: Guest[] = [];
  const guest = new Reconnecting(async () => {
    if (!reachable()) throw new Error("cannot be reached: no route to host");
    made.push(new Guest());
    return made.at(-1) as Guest;
  });
  const notes: string[] = [];
  return { guest, made, notes, checked: () => guest.checked((text) => notes.push(text)) };
}

describe("a connection for all plays", () => {
  test("stays the same while it is not lost", async () => {
    const { made, notes, checked } = guests();
    expect(await checked()).toBe(await checked());
    expect([made.length, notes]).toEqual([1, []]);
  });

  test("is replaced when it was lost between two plays, with a note", async () => {
    const { guest, made, notes, checked } = guests();
    const first = await checked();
    first.isGone = true;
    const second = await checked();
    expect([second === made[1], first.closed, second.closed]).toEqual([true, true, false]);
    expect(notes).toEqual(["firewall: ssh ended with status 255; connecting again"]);
    expect(guest.lost).toBeUndefined();
  });

  test("is lost for good the second time", async () => {
    const { guest, made, checked } = guests();
    (await checked()).isGone = true;
    (await checked()).isGone = true;
    await expect(checked()).rejects.toThrow(LabLost);
    expect(made).toHaveLength(2);
    expect(guest.lost).toBe("firewall: ssh ended with status 255");
  });

  test("is lost for good when it cannot be replaced, with both reasons", async () => {
    let up = true;
    const { guest, checked } = guests(() => up);
    (await checked()).isGone = true;
    up = false;
    const why = "firewall: ssh ended with status 255; connecting again failed: cannot be reached: no route to host";
    await expect(checked()).rejects.toThrow(new LabLost(why));
    expect(guest.lost).toBe(why);
  });

  test("that failed at first may be tried again", async () => {
    let up = false;
    const { guest } = guests(() => up);
    await expect(guest.connected()).rejects.toThrow("cannot be reached");
    up = true;
    expect((await guest.connected()).lost).toBeUndefined();
  });
});
