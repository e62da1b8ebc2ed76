import fc from "fast-check";
import { expect, test } from "vitest";
import { markup, preformatted } from "./markup.ts";
import { playHref, playInHash } from "./play-link.ts";

test("what is put in is text, in an element as in an attribute", () => {
  const evil = `"><script>alert('1')</script>\``;
  expect(markup`<a title="${evil}">${evil}</a>`.text).not.toMatch(/<script|"><|'|`/);
});

test("markup put into markup stays markup; lists and nothing are fine", () => {
  expect(markup`<ul>${[1, 2].map((n) => markup`<li>${n}</li>`)}${undefined}</ul>`.text).toBe(
    "<ul><li>1</li><li>2</li></ul>",
  );
});

test("preformatted text keeps its lines", () => {
  expect(preformatted("a <b>\n\u001bc").text).toBe("a &#60;b&#62;\n\\x1bc");
});

test("no text opens a tag or ends an attribute", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(markup`${text}`.text).not.toMatch(/[<>"'`]/);
    }),
  );
});

test("the address of a play is readable, safe, and leads back to the play", () => {
  expect(playHref("passive/pasv@core,sim,inet,forward")).toBe("#passive/pasv@core,sim,inet,forward");
  expect(playInHash("#passive%2Fpasv%40core%2Csim%2Cinet%2Cforward")).toBe("passive/pasv@core,sim,inet,forward");
  expect(playInHash("")).toBeUndefined();
  expect(playInHash("#%")).toBeUndefined();
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (id) => {
      const href = playHref(id);
      expect(href).not.toMatch(/[<>"\s]/);
      expect(playHref(playInHash(href) ?? "")).toBe(href);
    }),
  );
});
