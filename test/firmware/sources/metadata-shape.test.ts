import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { ENTRIES_MAX, unfitness } from "../../../firmware/sources/metadata-shape.ts";

const bytes = (signed: object, signatures: unknown = []): Buffer =>
  Buffer.from(JSON.stringify({ signed: { version: 1, ...signed }, signatures }));
const crowdOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, { keyval: { public: `0${at}` } }]));
const key = (publicKey: string) => ({ keyval: { public: publicKey } });

test.each(["keys", "meta", "targets", "roles"] as const)(
  "unfitness(): as many %s as are allowed are fit, one more is oversized",
  (what) => {
    const entries = (count: number) =>
      what === "roles" ? Object.fromEntries(Object.keys(crowdOf(count)).map((name) => [name, { keyids: [] }])) : crowdOf(count);
    expect(unfitness(bytes({ [what]: entries(ENTRIES_MAX[what]) }))).toBeUndefined();
    expect(unfitness(bytes({ [what]: entries(ENTRIES_MAX[what] + 1) }))).toMatchObject({
      name: "oversized",
      detail: expect.stringContaining(what),
    });
  },
);

test("unfitness(): signatures are counted, and each key signs once", () => {
  const signatures = (ids: readonly string[]) => ids.map((keyid) => ({ keyid, sig: "" }));
  const ids = Array.from({ length: 65 }, (_, at) => `k${at}`);
  expect(unfitness(bytes({}, signatures(ids.slice(1))))).toBeUndefined();
  expect(unfitness(bytes({}, signatures(ids)))).toMatchObject({ name: "oversized" });
  expect(unfitness(bytes({}, signatures(["a", "b", "a"])))).toMatchObject({ name: "signature" });
});

test("unfitness(): one key under two ids of a role, in whatever spelling; in two roles it may be", () => {
  const { publicKey } = generateKeyPairSync("ed25519");
  const hex = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("hex");
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  const keys = { one: key(hex), upper: key(hex.toUpperCase()), pem: key(pem), other: key("ab") };
  const role = (...keyids: string[]) => unfitness(bytes({ keys, roles: { targets: { keyids }, root: { keyids: ["one"] } } }));
  for (const twin of ["upper", "pem"])
    expect(role("one", twin)).toMatchObject({ name: "signature", detail: expect.stringContaining("targets") });
  expect([role("one", "other"), role("one"), role("one", "absent")]).toEqual([undefined, undefined, undefined]);
});

test.each([0, -1, 1.5, 1e300, "1", null])("unfitness(): %j is no version", (version) => {
  expect(unfitness(bytes({ version }))).toMatchObject({ name: "garbled" });
});

test.each([
  "",
  "{",
  "null",
  "[]",
  "1",
  '"x"',
  '{"signed":[]}',
  '{"signed":{"version":1}}',
  '{"signed":{"version":1},"signatures":{"a":1}}',
])("unfitness(): %j is garbled", (text) => {
  expect(unfitness(Buffer.from(text))).toMatchObject({ name: "garbled" });
});
