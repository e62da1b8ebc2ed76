/**
 * The script of the page. The address has everything that is chosen: its query the view and the filter, its hash the open
 * play. Each change goes into the address first, and `follow` then shows what the address says; so links, Back and Forward
 * all work alike.
 */
import { playHref, playInHash } from "../addresses.ts";
import { showChoice, startChoosing } from "./choice.ts";
import { element } from "./element.ts";
import { applyFilter, cellAt } from "./filter.ts";
import { resetTab, startKeys } from "./keys.ts";
import { hideNoPlay, showCount, showNoPlay, showTrouble } from "./nothing-found.ts";
import { closePlay, openPlay } from "./open-play.ts";
import { hrefs, watchExcerpts } from "./plays.ts";

const results = element<HTMLElement>("#matrix");
const title = document.title;
let shownQuery: string | undefined;
let scrolled = 0;

function follow(): void {
  if (location.search !== shownQuery) showResults();
  shownQuery = location.search;
  void followHash();
}

function showResults(): void {
  const chosen = new URLSearchParams(location.search);
  showChoice(chosen);
  showCount(chosen, applyFilter(chosen));
  resetTab();
  watchExcerpts();
}

async function followHash(): Promise<void> {
  const id = playInHash(location.hash);
  if (id !== undefined && !results.hidden) scrolled = scrollY;
  results.hidden = id !== undefined;
  hideNoPlay();
  if (id === undefined) {
    close();
    return;
  }
  try {
    const addresses = await hrefs();
    const place = addresses.indexOf(playHref(id));
    if (playInHash(location.hash) !== id) return; // Another one was chosen in the meantime.
    if (place >= 0) await openPlay(place);
    else {
      closePlay();
      showNoPlay(id, addresses);
    }
  } catch (error) {
    closePlay();
    showTrouble(id, error instanceof Error ? error.message : String(error));
  }
}

/** Goes back to where the reader was. */
function close(): void {
  document.title = title;
  const from = closePlay();
  if (from === undefined) return;
  scrollTo(0, scrolled);
  cellAt(from)?.focus({ preventScroll: true });
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const code = element<HTMLElement>("code", button.parentElement ?? document);
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    // No clipboard for files from disk in some browsers: leave the text selected, to be copied by hand.
    getSelection()?.selectAllChildren(code);
    button.textContent = "Selected";
  }
}

document.addEventListener("click", ({ target }) => {
  const button = (target as Element).closest<HTMLButtonElement>("[data-copy]");
  if (button !== null) void copy(button);
});
addEventListener("popstate", follow);
startChoosing(follow);
startKeys();
follow();
