/** The page in a real browser, where one is installed: opening, going back, filter, keyboard, and no hostile script. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "../../test/chromium.ts";
import { answered, droppedSynPlay, firewallFails, manyPlays, sampleRun } from "../../test/sample-run.ts";
import { compareRuns } from "../baseline.ts";
import { bundlePage } from "./page-code.ts";
import { pageDocument } from "./page-document.ts";

/** The sample, with the answers that its second play is new and failed because of the network. */
const run = {
  ...sampleRun,
  plays: sampleRun.plays.map((play) =>
    play === droppedSynPlay ? answered(play, { ...firewallFails, by: "network" }) : play,
  ),
};

const why = chromiumPath === undefined ? " (skipped: no chromium on the PATH)" : "";

describe.skipIf(chromiumPath === undefined)(`the page in a browser${why}`, () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  let address: string;
  let faults: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "anchorage-page-"));
    const code = await bundlePage();
    const earlier = { ...run, plays: run.plays.map((play) => ({ ...play, grade: "passed" as const })) };
    await writeFile(join(folder, "index.html"), pageDocument(run, code, compareRuns(earlier, run)));
    await writeFile(join(folder, "many.html"), pageDocument(manyPlays(2000), code));
    address = pathToFileURL(join(folder, "index.html")).href;
    browser = await launchChromium();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(10_000);
    faults = [];
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("dialog", (dialog) => {
      faults.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) faults.push(`a request: ${request.url()}`);
    });
  });

  // No fault of script, no breach of policy, no dialog, no request, whatever the test did.
  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const shown = () => page.locator("a.cell:not(.off):visible").count();

  test("a cell opens to its play, and Escape leads back to the cell", async () => {
    await page.goto(`${address}?view=letter`);
    await page.getByRole("link", { name: "failed" }).first().click();
    await page.getByRole("heading", { name: droppedSynPlay.scenario.title, exact: true }).waitFor();
    expect(new URL(page.url()).hash).toBe("#active/port@core,sim,divert-to,inet,forward");
    expect(await page.locator("svg.drawing .cross").count()).toBeGreaterThan(0);
    expect(await page.locator("#matrix").isVisible()).toBe(false);
    expect(await page.evaluate("document.activeElement.tagName")).toBe("H2");
    await page.keyboard.press("Escape");
    await page.locator("#view-letter .matrix").waitFor();
    expect(await page.evaluate("document.activeElement.hash")).toBe("#active/port@core,sim,divert-to,inet,forward");
  });

  test("a deep link opens the play at once; one that leads nowhere says so", async () => {
    await page.goto(`${address}#passive%2Fpasv%40core%2Csim%2Cdivert-to%2Cinet%2Cforward`);
    await page.locator("svg.drawing").waitFor();
    expect(await page.locator("svg.drawing .arrow.thick.data").count()).toBeGreaterThan(0);
    expect(await page.title()).toBe("passive/pasv@core,sim,divert-to,inet,forward: passed");
    await page.goto(`${address}#no/such-play`);
    await page.getByRole("alert").getByText("This run has no play named no/such-play.").waitFor();
    expect(await page.locator("#matrix").isVisible()).toBe(false);
    await page.getByRole("link", { name: "All results" }).click();
    await page.locator("#view-service .matrix").waitFor();
  });

  test("an address that no play has leads to plays with names like it", async () => {
    await page.goto(`${address}#pasive/pasv@core,sim,divert-to,inet,forward`);
    const links = page.getByRole("alert").getByRole("listitem");
    await links.first().waitFor();
    expect(await links.allTextContents()).toEqual([
      "passive/pasv@core,sim,divert-to,inet,forward",
      "passive/pasv@core,sim,divert-to,inet6,forward",
      "passive/pasv@none,sim,divert-to,inet,forward",
    ]);
    await links.first().getByRole("link").click();
    await page.locator("svg.drawing").waitFor();
  });

  test("Back and Forward go through views, filters and plays", async () => {
    const states: string[] = [];
    const state = async () => {
      const tab = await page.locator("[aria-selected=true]").textContent();
      return `${tab}: ${await shown()} cells, ${await page.locator("article h2").count()} play`;
    };
    await page.goto(address);
    const steps = [
      () => page.getByRole("tab", { name: "As expected?" }).click(),
      () => page.getByRole("button", { name: "failed" }).click(),
      () => page.getByRole("searchbox").fill("active"),
      async () => {
        await page.locator("a.cell:not(.off):visible").first().click();
        await page.locator("svg.drawing").waitFor();
      },
    ];
    for (const step of steps) {
      states.push(await state());
      await step();
    }
    expect(states).toEqual([
      "Did FTP work?: 7 cells, 0 play",
      "As expected?: 8 cells, 0 play",
      "As expected?: 2 cells, 0 play",
      "As expected?: 1 cells, 0 play",
    ]);
    for (const before of [...states].reverse()) {
      await page.goBack();
      await expect.poll(state).toBe(before);
    }
    for (const after of states.slice(1)) {
      await page.goForward();
      await expect.poll(state).toBe(after);
    }
    expect(await page.getByRole("searchbox").inputValue()).toBe("active");
  });

  test("a filter that nothing fits says what each part of it leaves out", async () => {
    await page.goto(`${address}?view=letter&only=failed&subject=none&find=pasv`);
    const help = page.locator("#no-hit");
    await help.getByText("No play fits “pasv”, failed, subject none.").waitFor();
    expect(await help.getByRole("button").allTextContents()).toEqual([
      "without “pasv”: 0 plays",
      "without failed: 1 plays",
      "without subject none: 0 plays",
      "clear the filter: 8 plays",
    ]);
    await help.getByRole("button", { name: "without failed" }).click();
    expect(await shown()).toBe(1);
    expect(await help.isVisible()).toBe(false);
    expect(new URL(page.url()).search).toBe("?view=letter&subject=none&find=pasv");
  });

  test("the first view has the answers, and its filter is in the address", async () => {
    await page.goto(address);
    await page.getByRole("button", { name: "new" }).click();
    expect(await shown()).toBe(2);
    await page.getByLabel("Broken by").selectOption("network");
    expect(new URL(page.url()).search).toBe("?only=new&by=network");
    await page.reload();
    expect(await shown()).toBe(1);
    expect(await page.locator("#filter-count").textContent()).toBe("1 of 8 plays");
    await page.getByRole("tab", { name: "As expected?" }).click();
    expect(new URL(page.url()).search).toBe("?view=letter&by=network");
    expect(await shown()).toBe(1);
  });

  test("words, grade and subject filter the matrix together", async () => {
    await page.goto(`${address}?view=letter`);
    expect(await shown()).toBe(8);
    await page.getByRole("searchbox").fill("block drop");
    expect(await shown()).toBe(1);
    await page.getByRole("searchbox").fill("");
    await page.getByRole("button", { name: "failed" }).click();
    expect(await shown()).toBe(2);
    expect(await page.locator("#filter-count").textContent()).toBe("2 of 8 plays");
    expect(await page.getByRole("rowheader", { name: "tls" }).isVisible()).toBe(false);
    await page.getByRole("radio", { name: "none" }).check();
    expect(await shown()).toBe(0);
    await page.getByRole("button", { name: "failed" }).first().click();
    expect(await shown()).toBe(2);
    expect(await page.locator("#view-letter thead [data-of=core]:visible").count()).toBe(0);
  });

  test("arrow keys walk the matrix, which is one stop for Tab", async () => {
    await page.goto(`${address}?view=letter`);
    expect(await page.locator('a.cell[tabindex="0"]').count()).toBe(1);
    await page.locator("#view-letter a.cell").first().focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("unsupported");
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("does not apply");
    await page.keyboard.press("/");
    expect(await page.evaluate("document.activeElement.type")).toBe("search");
  });

  test("Previous and Next go through the plays that the filter shows", async () => {
    await page.goto(`${address}?view=letter&only=failed`);
    await page.locator("a.cell:not(.off):visible").first().click();
    await page.getByRole("button", { name: "Next" }).click();
    await page.waitForURL(/#framing\/hostile-reply@/);
    await page.locator("article h2").getByText("漢字").waitFor();
    expect(await page.getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
  });

  test("the log joins the ladder when asked for", async () => {
    await page.goto(`${address}#passive/pasv@core,sim,divert-to,inet,forward`);
    const drawing = page.locator("svg.drawing");
    await drawing.waitFor();
    expect(await drawing.textContent()).not.toContain("» #1 passive");
    await page.getByRole("checkbox", { name: "log" }).check();
    expect(await drawing.textContent()).toContain("» #1 passive");
  });

  test("hostile text is only read, in every play and every fold", async () => {
    await page.goto(`${address}#framing/hostile-reply@core,sim,divert-to,inet,forward`);
    await page.locator("svg.drawing").waitFor();
    await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
    expect(await page.locator("article script, article img, article b").count()).toBe(0);
    expect(await page.locator("article h2").textContent()).toContain('<script>alert("1")</script>');
  });

  test("no sideways scrolling of the page on a phone, and every cell is in sight", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    const width = () => page.evaluate("document.documentElement.scrollWidth");
    for (const query of ["", "?view=letter"]) {
      await page.goto(address + query);
      expect(await width()).toBeLessThanOrEqual(390);
      const boxes = await Promise.all((await page.locator("a.cell:visible").all()).map((cell) => cell.boundingBox()));
      expect(Math.max(...boxes.map((box) => box!.x + box!.width))).toBeLessThanOrEqual(390);
    }
    await page.goto(`${address}#active/port@core,sim,divert-to,inet,forward`);
    await page.locator("svg.drawing").waitFor();
    expect(await width()).toBeLessThanOrEqual(390);
  });

  const states = {
    "the matrix by service": "",
    "the matrix by grade": "?view=letter",
    failures: "?view=failures",
    changes: "?view=changes",
    "a filter": "?only=new&subject=core&find=port",
    "a filter that nothing fits": "?find=nothing",
    "a play that passed": "#passive/pasv@core,sim,divert-to,inet,forward",
    "a play that failed": "#active/port@core,sim,divert-to,inet,forward",
    "a play that is not there": "#no/such-play",
  };
  test.each(Object.entries(states))(
    "axe finds nothing in %s, neither wide and light nor narrow and dark",
    async (_, state) => {
      const ways = [
        { colorScheme: "light", viewport: { width: 1280, height: 900 } },
        { colorScheme: "dark", viewport: { width: 390, height: 900 } },
      ] as const;
      for (const way of ways) {
        // Axe is no part of the page, whose policy would keep it out.
        const context = await browser.newContext({ ...way, bypassCSP: true });
        const looked = await context.newPage();
        await looked.goto(address + state);
        const ready = state.startsWith("#") ? "#play h2, #no-play li, #no-play code" : ".view:not([hidden])";
        await looked.locator(ready).first().waitFor({ state: "attached" });
        await looked.evaluate(axe.source);
        const { violations } = (await looked.evaluate("axe.run()")) as axe.AxeResults;
        const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
        expect(found, way.colorScheme).toEqual([]);
        await context.close();
      }
    },
    60_000,
  );

  test("on a phone results are the first thing seen, and their titles stay", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(address.replace("index", "many"));
    const top = async (selector: string) => (await page.locator(selector).first().boundingBox())?.y ?? Number.NaN;
    expect(await top("a.cell")).toBeLessThan(400);
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByRole("searchbox").fill("case-1");
    await page.mouse.wheel(0, 3000);
    await expect.poll(() => page.evaluate("scrollY")).toBeGreaterThan(500);
    expect(await top("#view-service thead")).toBe(0);
    await page.getByRole("radio", { name: "none" }).check();
    expect(await page.locator("#view-service thead th:visible").allTextContents()).toEqual(["scenario", "none", "→"]);
  });

  test("of 2000 plays the last opens as the first does", async () => {
    await page.goto(`${address.replace("index", "many")}#tls/case-398@none,sim,inet,forward`);
    await page.locator("svg.drawing").waitFor();
    await page.getByRole("link", { name: "← Results" }).click();
    await page.getByRole("searchbox").fill("case-398 none");
    expect(await shown()).toBe(1);
  });
});
