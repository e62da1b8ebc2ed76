/**
 * What the reader has chosen: the view, and the filter. Its only store is the query of the address, `?view=letter&only=failed&subject=core`,
 * so a link shows what its sender saw, and Back takes a choice back. The controls show it.
 */
import { element, elements } from "./element.ts";

type Field = HTMLInputElement | HTMLSelectElement;

const fields = elements<Field>("[data-filter]");
const tabs = elements<HTMLButtonElement>("[data-view]");
const phone = matchMedia("(max-width: 45rem)");
/** So many columns fit on a phone beside a name. */
const MOST_ON_A_PHONE = 4;

export const viewInFront = (): HTMLElement => element<HTMLElement>(".view:not([hidden])");

/** Without a subject in the address: all, or the first one where only one fits. */
function usualSubject(view: HTMLElement): string {
  const columns = view.querySelector("thead")?.lastElementChild?.querySelectorAll("[data-of]").length ?? 0;
  if (columns <= MOST_ON_A_PHONE || !phone.matches) return "";
  return fields.find((field) => field.dataset.filter === "subject" && field.value !== "")?.value ?? "";
}

const usual = (name: string | undefined): string => (name === "subject" ? usualSubject(viewInFront()) : "");

/** The chosen value of a filter: `subject`, `by` or `find`. Empty: all. */
export const filterValue = (name: string, chosen: URLSearchParams): string => (chosen.get(name) ?? usual(name)).trim();

/** A view other than the first is inert text in a noscript element until it is shown, so it costs nothing to open the page. */
function fill(view: HTMLElement): void {
  const content = view.querySelector("noscript");
  if (content !== null) view.innerHTML = content.textContent ?? "";
}

const isRadio = (field: Field): field is HTMLInputElement => field.type === "radio";

/** Brings controls and views into the state of the address. */
export function showChoice(chosen: URLSearchParams): void {
  const wanted = tabs.find((tab) => tab.dataset.view === chosen.get("view")) ?? tabs[0];
  for (const tab of tabs) {
    tab.ariaSelected = String(tab === wanted);
    tab.tabIndex = tab === wanted ? 0 : -1;
    const view = element<HTMLElement>(`#view-${tab.dataset.view}`);
    view.hidden = tab !== wanted;
    if (tab === wanted) fill(view);
  }
  for (const field of fields) {
    const value = filterValue(field.dataset.filter ?? "", chosen);
    if (isRadio(field)) field.checked = field.value === value;
    else if (field !== document.activeElement) field.value = value;
  }
  for (const button of elements<HTMLButtonElement>("[data-only]", viewInFront()))
    button.ariaPressed = String(chosen.getAll("only").includes(button.dataset.only ?? ""));
}

/** What the controls say, as in the address. */
function choice(): URLSearchParams {
  const chosen = new URLSearchParams();
  const view = viewInFront().id.replace("view-", "");
  if (view !== tabs[0]?.dataset.view) chosen.set("view", view);
  for (const button of elements<HTMLButtonElement>("[data-only]", viewInFront()))
    if (button.ariaPressed === "true") chosen.append("only", button.dataset.only ?? "");
  for (const field of fields) {
    const name = field.dataset.filter ?? "";
    const value = field.value.trim();
    if ((!isRadio(field) || field.checked) && value !== usual(name)) chosen.set(name, value);
  }
  return chosen;
}

/** `then` is called after each change, when the address has it. Letters typed in a row are one step of the history. */
export function startChoosing(then: () => void): void {
  const go = (chosen: URLSearchParams, replace = false): void => {
    const query = chosen.toString();
    const address = `${location.pathname}${query === "" ? "" : `?${query}`}${location.hash}`;
    if (replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    then();
  };
  let typing = false;
  for (const field of fields) {
    field.addEventListener("input", () => {
      go(choice(), typing);
      typing = field.type === "search";
    });
    field.addEventListener("blur", () => {
      typing = false;
    });
  }
  element("#matrix").addEventListener("click", ({ target }) => {
    const button = (target as Element).closest("button");
    const { only, view, without } = button?.dataset ?? {};
    if (button === null) return;
    if (only !== undefined) {
      button.ariaPressed = String(button.ariaPressed !== "true");
      go(choice());
    } else if (view !== undefined) {
      // Each view has answers or grades of its own.
      const kept = [...choice()].filter(([name]) => name !== "view" && name !== "only");
      go(new URLSearchParams([...(view === tabs[0]?.dataset.view ? [] : [["view", view]]), ...kept]));
    } else if (without !== undefined) {
      const chosen = choice();
      for (const name of without.split(" ")) {
        chosen.delete(name);
        if (usual(name) !== "") chosen.set(name, "");
      }
      (document.activeElement as HTMLElement | null)?.blur();
      go(chosen);
    }
  });
  const more = element<HTMLButtonElement>("button.more");
  more.addEventListener("click", () => {
    more.ariaExpanded = String(more.ariaExpanded !== "true");
    element("#matrix").classList.toggle("unfolded", more.ariaExpanded === "true");
  });
  for (const part of elements<HTMLElement>(".tabs, .filters")) part.hidden = false;
}
