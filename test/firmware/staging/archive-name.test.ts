import { join, posix, win32 } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkName } from "../../../firmware/staging/archive-name.ts";

const check = (name: string) => checkName(Buffer.from(name));

test.each([
  ["sip.ver", "sip.ver", false],
  ["./Config//site.cfg", "Config/site.cfg", false],
  ["Config\\languages\\", "Config/languages", true],
  ["Ton fichier é.wav", "Ton fichier é.wav", false],
])("checkName(): %s is a file's or folder's name", (name, path, folder) => {
  expect(check(name)).toMatchObject({ ok: true, path, folder });
});

test("checkName(): names that some systems take for one have one key", () => {
  const keys = ["Straße/É", "STRASSE/e\u0301", "strasse\\é"].map((name) => {
    const checked = check(name);
    return checked.ok && checked.key;
  });
  expect(new Set(keys).size).toBe(1);
});

test("checkName(): what is taken stays inside any folder, on every system, and says nothing to a terminal", () => {
  const piece = fc.constantFrom("..", ".", "/", "\\", "C:", "con", "nul.txt", "a", " ", "\0", "\u202e", "…", "é", "~");
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(name, (text) => {
      const checked = check(text);
      if (!checked.ok) return;
      for (const { resolve, relative } of [posix, win32]) {
        const from = resolve("/depot/work");
        expect(relative(from, resolve(from, checked.path))).not.toMatch(/^$|^\.\.(?:[/\\]|$)|^[a-z]:|^[/\\]/i);
      }
      expect(checked.path).not.toMatch(/\p{C}|[\\:]/u);
      expect(checked.path.length).toBeLessThanOrEqual(200);
      expect(join("/", checked.path)).toBe(`/${checked.path}`);
    }),
    { numRuns: 2_000 },
  );
});

test("checkName(): any bytes are read or refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => typeof checkName(bytes).ok === "boolean"));
});
