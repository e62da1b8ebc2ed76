import { describe, expect, test } from "vitest";
import { LabLost } from "../../contract/lab.ts";
import { OnceMore } from "./once-more.ts";

/** Its death is known when it is asked for, as that of an idle agent is. */
class Guest {
  dead = false;
  closed = false;
  lost: string | undefined;
  async rouse(): Promise<void> {
    if (this.dead) this.lost = "firewall: ssh ended with status 255";
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function standing(reachable: () => boolean = () => true) {
  const made: Guest[] = [];
  const guest = new OnceMore(async () => {
    if (!reachable()) throw new Error("cannot be reached: no route to host");
    made.push(new Guest());
    return made.at(-1) as Guest;
  });
  const notes: string[] = [];
  return { guest, made, notes, present: () => guest.present((text) => notes.push(text)) };
}

describe("what stands for all plays", () => {
  test("is one and the same as long as it lives", async () => {
    const { made, notes, present } = standing();
    expect(await present()).toBe(await present());
    expect([made.length, notes]).toEqual([1, []]);
  });

  test("is made anew when it has died between two plays, with a note", async () => {
    const { guest, made, notes, present } = standing();
    const first = await present();
    first.dead = true;
    const second = await present();
    expect([second === made[1], first.closed, second.closed]).toEqual([true, true, false]);
    expect(notes).toEqual(["firewall: ssh ended with status 255; it is connected to once more"]);
    expect(guest.lost).toBeUndefined();
  });

  test("is lost when it dies a second time", async () => {
    const { guest, made, present } = standing();
    (await present()).dead = true;
    (await present()).dead = true;
    await expect(present()).rejects.toThrow(LabLost);
    expect(made).toHaveLength(2);
    expect(guest.lost).toBe("firewall: ssh ended with status 255");
  });

  test("is lost when it cannot be made anew, with both reasons", async () => {
    let up = true;
    const { guest, present } = standing(() => up);
    (await present()).dead = true;
    up = false;
    const why = "firewall: ssh ended with status 255; once more: cannot be reached: no route to host";
    await expect(present()).rejects.toThrow(new LabLost(why));
    expect(guest.lost).toBe(why);
  });

  test("that could not be made at first may be tried again", async () => {
    let up = false;
    const { guest } = standing(() => up);
    await expect(guest.stand()).rejects.toThrow("cannot be reached");
    up = true;
    expect((await guest.stand()).lost).toBeUndefined();
  });
});
