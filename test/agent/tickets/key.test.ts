import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isTicketKey, type TroubleName, ticketBase, ticketKey } from "../../../agent/tickets/key.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { SITE } from "./kit.ts";

const name: TroubleName = { environment: "production", site: SITE, kind: "device", scope: "d-64167f000001", cause: "lost" };

test("ticketBase(): stays the same for ever: a ticket of last year is found again", () => {
  expect(ticketBase(name)).toBe(ticketBase({ ...name }));
  const sum = createHash("sha256").update("production|zug-01|device|d-64167f000001|lost").digest();
  const bits = [...sum].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const wanted = Array.from({ length: 32 }, (_, at) => letters[Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2)]).join("");
  expect(ticketBase(name)).toBe(wanted);
});

test("ticketBase(): T10 another environment, site, kind, scope or cause is another trouble", () => {
  const others = [
    { environment: "test" },
    { site: "zug-02" as SiteId },
    { kind: "cause" as const },
    { scope: "d-64167f000002" },
    { cause: "fellBack" },
  ];
  const bases = [name, ...others.map((change) => ({ ...name, ...change }))].map(ticketBase);
  expect(new Set(bases).size).toBe(bases.length);
});

test("ticketBase(): no two troubles share a name by what stands between their parts", () => {
  const part = fc.stringMatching(/^[a|%7C25]{0,6}$/);
  fc.assert(
    fc.property(part, part, part, part, (a, b, c, d) => {
      fc.pre(a !== c || b !== d);
      expect(ticketBase({ ...name, scope: a, cause: b })).not.toBe(ticketBase({ ...name, scope: c, cause: d }));
    }),
  );
});

test("ticketKey(): base and generation, in letters every desk takes", () => {
  const key = ticketKey(ticketBase(name), 3);
  expect(key).toMatch(/^[A-Z2-7]{32}\.g3$/);
  expect(key.length).toBeLessThanOrEqual(64);
  expect(isTicketKey(key)).toBe(true);
});

test("isTicketKey(): anything else is none", () => {
  const base = ticketBase(name);
  for (const text of [
    "",
    base,
    `${base}.g0`,
    `${base}.g01`,
    `${base}.g1\n`,
    ` ${base}.g1`,
    `${base.toLowerCase()}.g1`,
    `${base.slice(1)}.g1`,
    `${base}.g1234567`,
  ])
    expect(isTicketKey(text)).toBe(false);
});
