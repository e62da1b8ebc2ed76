/**
 * The report's page with 10,000 plays, in headless Chromium: from the address to the first picture, and from a key stroke in
 * the search to the next one. Wants a browser on the PATH.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { bundlePage } from "../reports/html/page-code.ts";
import { pageDocument } from "../reports/html/page-document.ts";
import { launchChromium } from "../test/chromium.ts";
import { manyPlays } from "../test/sample-run.ts";
import { type Benchmark, type Measurement, summarise } from "./measure.ts";

const PLAYS = 10_000;
const TYPED = ["c", "ca", "case-3", "case-39", "case-39 none", ""];

const benchmark: Benchmark = async ({ quick }) => {
  const folder = await mkdtemp(join(tmpdir(), "anchorage-page-"));
  const browser = await launchChromium();
  try {
    const html = pageDocument(manyPlays(PLAYS), await bundlePage());
    await writeFile(join(folder, "index.html"), html);
    const address = pathToFileURL(join(folder, "index.html")).href;
    const measured: Measurement[] = [];
    for (const view of ["service", "letter"]) {
      const opened: number[] = [];
      const filtered: number[] = [];
      for (let round = 0; round < (quick ? 3 : 10); round++) {
        const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
        const start = performance.now();
        await page.goto(`${address}?view=${view}`);
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
        opened.push(performance.now() - start);
        for (const text of TYPED) filtered.push(await filterTime(page, text));
        await page.close();
      }
      measured.push(
        summarise(`${PLAYS} plays open, view ${view}`, "ms", opened, `${(html.length / 1e6).toFixed(1)} MB`),
      );
      measured.push(summarise(`${PLAYS} plays filtered, view ${view}`, "ms", filtered));
    }
    return measured;
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
};

/** From the input to the task after the next picture. As text, since this project's types know no document. */
const filterTime = (page: Page, text: string): Promise<number> =>
  page.evaluate(`(async () => {
    const field = document.querySelector("[data-filter=find]");
    const start = performance.now();
    field.value = ${JSON.stringify(text)};
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      port2.postMessage(0);
    }));
    return performance.now() - start;
  })()`);

export default benchmark;
