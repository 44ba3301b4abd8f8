import { expect, test } from "vitest";
import { createOdd, looksLikeHtml, type OddEvent } from "../../../protocols/provisioning/odd-answers.ts";
import { MAC } from "./kit.ts";

test("odd answers: each is told once, and of a flood of paths none is cut off", () => {
  const told: OddEvent[] = [];
  const odd = createOdd((event) => void told.push(event));
  for (let i = 0; i < 3; i++) odd.note("html", { url: "/a.cfg", mac: MAC }, "why");
  odd.note("unreadable", { url: "/a.cfg", mac: undefined }, "why");
  expect(told).toEqual([
    { kind: "oddAnswer", what: "html", path: "/a.cfg", why: "why", mac: MAC },
    { kind: "oddAnswer", what: "unreadable", path: "/a.cfg", why: "why" },
  ]);
  for (let i = 0; i < 2_500; i++) odd.note("html", { url: `/${i}.cfg`, mac: MAC }, "why");
  expect(told).toHaveLength(2_502);
});

test.each([
  [undefined, "<html>", true],
  [undefined, "\ufeff\r\n<!DOCTYPE HTML>", true],
  ["text/html; charset=utf-8", "", true],
  ["text/xml", "<APPLICATION/>", false],
  [undefined, "<htmlish/>", false],
  [undefined, "", false],
])("looksLikeHtml(): %s with %j is %s", (type, body, wanted) => {
  expect(looksLikeHtml(type, Buffer.from(body))).toBe(wanted);
});
