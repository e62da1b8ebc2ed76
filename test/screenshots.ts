/**
 * `npm run screenshots [FOLDER]`: plays a part of the catalogue in `sim` and takes the pictures of README and docs; with a
 * folder, every main state of the page too, wide and narrow, light and dark, to be looked at.
 */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { packageFile } from "../harness/package.ts";
import { compareRuns } from "../reports/baseline.ts";
import { bundlePage } from "../reports/html/page-code.ts";
import { pageDocument } from "../reports/html/page-document.ts";
import { readResults } from "../reports/results.ts";
import { launchChromium } from "./chromium.ts";
import { droppedSynPlay, sampleRun } from "./sample-run.ts";

const fileOf = (path: string): string => fileURLToPath(packageFile(path));

const PLAY = "#passive/pasv@core,sim,divert-to,inet,forward";
const FAILED = `#${droppedSynPlay.id}`;

/** What the matrix of the README shows: quirks that work, that take a detour, and that a proxy breaks. */
const IDS = [
  "passive/pasv",
  "passive/epsv",
  "active/port",
  "active/eprt",
  "servers/pasv-227-*",
  "servers/epsv-refused-*",
];

async function main(folder: string | undefined): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), "anchorage-screenshots-"));
  const browser = await launchChromium();
  try {
    const report = ["--timelines", "all", "--report", join(temporary, "part")];
    execFileSync(process.execPath, [fileOf("bin/anchorage.mjs"), "run", ...IDS, ...report, "--quiet"], {
      stdio: "ignore",
    });
    const part = pathToFileURL(join(temporary, "part/index.html")).href;
    await picture(browser, part, "docs/matrix.png", ".matrix", false);
    await picture(browser, part + PLAY, "docs/ladder.png", "svg.drawing", true);
    if (folder !== undefined) await states(browser, temporary, part, folder);
  } finally {
    await browser.close();
    await rm(temporary, { recursive: true });
  }
}

/** Of the window, or of one `element` alone. */
async function picture(
  browser: Browser,
  address: string,
  file: string,
  element: string,
  alone: boolean,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1180, height: 760 }, deviceScaleFactor: 2 });
  await page.goto(address);
  const found = page.locator(element).first();
  await found.waitFor();
  await (alone ? found : page).screenshot({ path: fileOf(file) });
  await page.close();
  console.log(file);
}

/** A run with failures and a baseline has what the catalogue, which passes, does not show. */
async function states(browser: Browser, temporary: string, part: string, folder: string): Promise<void> {
  const results = join(temporary, "part/results.json");
  const run = readResults(await readFile(results, "utf8"), results);
  const mixed = { ...run, plays: [...run.plays.filter(({ id }) => id !== droppedSynPlay.id), ...sampleRun.plays] };
  const plays = new Map(mixed.plays.map((play) => [play.id, play]));
  const failing = { ...mixed, plays: [...plays.values()] };
  const file = join(temporary, "failing.html");
  await writeFile(file, pageDocument(failing, await bundlePage(), compareRuns(run, failing)));
  const address = pathToFileURL(file).href;
  const shown = {
    service: part,
    letter: `${address}?view=letter`,
    subject: `${address}?subject=core`,
    failures: `${address}?view=failures`,
    changes: `${address}?view=changes`,
    "no-hit": `${address}?only=new&find=nothing`,
    "no-play": `${address}#servers/pasv-227-no-paren@core,sim`,
    play: part + PLAY,
    failed: address + FAILED,
  };
  await mkdir(folder, { recursive: true });
  for (const [name, state] of Object.entries(shown)) {
    for (const width of [390, 768, 1280]) {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
        await page.goto(state);
        await page.locator("#play h2, #no-play > *, .view:not([hidden])").first().waitFor({ state: "attached" });
        await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
        await page.close();
      }
    }
  }
  console.log(`${folder}: ${Object.keys(shown).join(", ")}`);
}

await main(process.argv[2]);
