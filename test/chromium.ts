/** The browser of this machine, for tests, the benchmark and the pictures of the page. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Undefined if there is none on the PATH. */
export const chromiumPath = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
  .find((path) => existsSync(path));

export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("no chromium, chromium-browser or google-chrome is on the PATH");
  return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-quic"] });
}
