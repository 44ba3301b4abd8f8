import { expect, test } from "vitest";
import { isWebPage } from "../../../firmware/staging/web-page.ts";

test.each([
  ["<!DOCTYPE html><html>", true],
  ["\ufeff \r\n<!-- sso --><HTML lang=en>", true],
  ['<?xml version="1.0"?><html xmlns="x">', true],
  ["<head><title>x", true],
  ["<APPLICATION APP_FILE_PATH='sip.ld'/>", false],
  ["<htmlx>", false],
  ["PK\x03\x04", false],
  ["", false],
])("isWebPage(): %j is %s", (text, is) => {
  expect(isWebPage(Buffer.from(text))).toBe(is);
});
