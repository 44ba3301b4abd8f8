import fc from "fast-check";
import { expect, test } from "vitest";
import { hostOf } from "../../../protocols/families/server-host.ts";

test.each([
  ["https://user:secret@Prov.Example:8443/cfg?x=1", ["prov.example"]],
  ["ftp://10.0.0.7/", ["10.0.0.7"]],
  [" prov.example ", ["prov.example"]],
  ["0.0.0.0", []],
  ["", []],
])("hostOf(): %j", (text, hosts) => {
  expect(hostOf(text)).toEqual(hosts);
});

test("hostOf(): a password of the address never comes out of it", () => {
  const word = fc.stringMatching(/^[a-z0-9._~-]{1,20}$/);
  fc.assert(
    fc.property(word, word, fc.nat(65_535), (password, path, port) => {
      expect(hostOf(`https://plcm:${password}@prov.example:${port}/${path}`)).toEqual(["prov.example"]);
    }),
  );
});
