/**
 * Anchors: places where other rulesets are called.
 *
 * anchor = "anchor" [NAME] ["in" | "out"] ["quick"] ["on" interfaces] [family] ["proto" protocols] ends options
 *          ["{" newline {statements} "}"]
 *
 * `anchor "ftp-proxy/*"` calls every child of ftp-proxy; `anchor in on em0 { … }` has its rules with it.
 */

import { filterOptions } from "../clauses/filter-options.ts";
import { direction, familyOf, head } from "../clauses/rule-head.ts";
import { type Context, emptyFilling, type Filling } from "../context.ts";
import { type DraftAnchor, emptyDraft } from "../expansion/draft.ts";
import { expandRule } from "../expansion/expand.ts";
import { ANCHOR_NAME_SIZE, Fatal, MAX_ANCHOR_DEPTH, PATH_MAX } from "../tokens/limits.ts";
import { checkTcpOnly, fillOptions } from "./rule-statement.ts";

export function anchorName(context: Context): string | undefined {
  const { reader } = context;
  if (reader.peek() !== "string") return undefined;
  const name = reader.string();
  if (name === "") reader.fail("anchor name must not be empty");
  if ((context.surroundings.anchor ?? "").length + 1 + name.length >= PATH_MAX) {
    reader.fail(`anchor name is longer than ${PATH_MAX - 1}`);
  }
  if (name.startsWith("_") || name.includes("/_")) {
    reader.fail("anchor names beginning with '_' are reserved for internal use");
  }
  return name;
}

/** At `{ … }`: its rules go into a ruleset of their own. */
function inlineRules(context: Context, statements: (context: Context) => void): void {
  const { reader, stack } = context;
  reader.take();
  if (stack.length >= MAX_ANCHOR_DEPTH) throw new Fatal("pfa_anchor: anchors too deep");
  context.braces++;
  stack.push(emptyFilling(`_${context.braces}`));
  reader.expect("\n");
  statements(context);
  reader.expect("}");
  context.closed = stack.pop();
}

/** At the word `anchor`; `statements` reads the lines inside braces. */
export function anchorStatement(context: Context, statements: (context: Context) => void): void {
  const { reader } = context;
  const { file, line } = reader;
  reader.take();
  const name = anchorName(context);
  const toward = direction(reader);
  const quick = reader.accept("quick");
  const criteria = head(context);
  const options = filterOptions(context);
  if (reader.peek() === "{") inlineRules(context, statements);
  else reader.endOfStatement();
  context.inOrder("filtering");

  const anchor = context.closed === undefined ? calledAnchor(context, name) : inlineAnchor(context, name);
  const draft = emptyDraft("pass", { file, line }, toward, familyOf(criteria), anchor);
  fillOptions(context, options, draft);
  draft.quick = quick;
  checkTcpOnly(reader, draft, criteria, "OS fingerprinting only applies to tcp");
  if (draft.state !== "none") reader.fail("cannot specify state handling on anchors");
  if (options.route) reader.fail("cannot specify route handling on anchors");
  const { users, groups, icmp, receivedOn } = options;
  expandRule(context, draft, { ...criteria, users, groups, icmp, receivedOn });
  context.closed = undefined;
}

function calledAnchor({ reader }: Context, name: string | undefined): DraftAnchor {
  if (name === undefined) return reader.fail("anchors without explicit rules must specify a name");
  const last = name.slice(name.lastIndexOf("/"));
  if (last === "/") reader.fail(`anchorrule: bad anchor name ${name}`);
  if ((last.startsWith("/") ? last : name).length >= ANCHOR_NAME_SIZE) throw new Fatal("anchorrule: strlcpy");
  return { name };
}

/** Files the rules just read under their name, below the anchor around them. */
function inlineAnchor(context: Context, name: string | undefined): DraftAnchor {
  const { reader, filling } = context;
  const closed = context.closed as Filling;
  if (name?.includes("/")) reader.fail("anchor paths containing '/' cannot be used for inline anchors.");
  const key = name ?? closed.name;
  if (key.length >= ANCHOR_NAME_SIZE) {
    throw new Fatal("anchorrule: unable to create ruleset: File name too long");
  }
  const known = filling.children.get(key);
  if (known !== undefined && known !== closed) {
    if (known.rules.length > 0) reader.fail(`inline anchor '${key}' already exists`);
    known.rules.push(...closed.rules);
    known.tables.push(...closed.tables);
    for (const [child, rules] of closed.children) known.children.set(child, rules);
    context.closed = known;
  } else filling.children.set(key, closed);
  const inline = context.closed as Filling;
  // pfctl shows an anchor without rules by its path, in which anchors around it have the names of their braces.
  const around = context.stack.slice(1).map((outer) => outer.name);
  if (name !== undefined && around.length > 0 && inline.rules.length === 0) {
    return { name: [...around, name].join("/"), inline };
  }
  return name === undefined ? { internalName: key, inline } : { name, inline };
}
