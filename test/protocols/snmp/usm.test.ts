import { expect, test } from "vitest";
import { createUsmKeys } from "../../../protocols/snmp/keys.ts";
import { readOuter } from "../../../protocols/snmp/reader.ts";
import { isOurs, meet, open, seal, type Usm, writeDiscovery } from "../../../protocols/snmp/usm.ts";
import { metUsm, WANTED, WANTED_3 } from "./answer.ts";
import { ENGINE, octets, report, SYS_DESCR, USM, usm, varbind } from "./messages.ts";

const outerOf = (packet: Buffer) => {
  const outer = readOuter(packet);
  if (outer === undefined || outer === "wrong version") throw new Error("no version 3 message");
  return outer;
};
const sealed = (user: Usm, atMs: number) => {
  if (user.engine === undefined) throw new Error("no engine");
  return seal(user, user.engine, WANTED_3, atMs);
};
const answer = (varbinds = [varbind(SYS_DESCR, octets("x"))]) => ({ id: 99, varbinds });

test("writeDiscovery(): nobody's question, unprotected, that asks for a Report", () => {
  const outer = outerOf(writeDiscovery(WANTED));
  expect(outer).toMatchObject({ id: 7, level: 0, boots: 0, seconds: 0 });
  expect([outer.engine.length, outer.salt.length, outer.digestEnd - outer.digestAt]).toEqual([0, 0, 0]);
});

test("seal(): under the engine's own id, and its clock moved on by our real time", () => {
  const user = metUsm("digest");
  expect(outerOf(sealed(user, 0))).toMatchObject({ level: 1, boots: 1, seconds: 10, engine: ENGINE });
  expect(outerOf(sealed(user, 65_400))).toMatchObject({ boots: 1, seconds: 75 });
});

test("seal(): no two messages of one key share a salt, over the carry too", () => {
  const user = metUsm("privacy");
  user.salt.fill(0xff);
  const salts = [0, 0, 0].map(() => outerOf(sealed(user, 0)).salt.toString("hex"));
  expect(salts).toEqual(["0000000000000000", "0000000000000001", "0000000000000002"]);
});

test("seal() and open(): an engine with the same keys reads what we wrote; another does not", () => {
  const user = metUsm("privacy");
  const packet = sealed(user, 0);
  // A question is no answer: everything up to that is in order.
  expect(open(metUsm("privacy"), Buffer.from(packet), WANTED_3, 0)).toMatchObject({
    said: { kind: "refused", why: "wrong kind" },
    authentic: true,
  });
  packet[packet.length - 1] = (packet.at(-1) as number) ^ 1;
  expect(open(metUsm("privacy"), packet, WANTED_3, 0)).toMatchObject({ said: { kind: "refused", why: "not authentic" }, authentic: false });
});

test.each([
  ["a plain answer to an authenticated question", "digest", usm(answer(), { flags: 0 }), "weaker security"],
  ["an answer that only claims its digest", "digest", usm(answer(), { flags: 1, digest: Buffer.alloc(12, 1) }), "not authentic"],
  ["an authenticated answer to an encrypted question", "privacy", usm(answer(), { flags: 1, digest: Buffer.alloc(12) }), "weaker security"],
  ["an answer of another engine", "nothing", usm(answer(), { engine: Buffer.from("80001f88ff", "hex") }), "another engine"],
  [
    "an encrypted answer of another engine",
    "privacy",
    usm({}, { flags: 3, engine: Buffer.alloc(5, 1), secret: Buffer.alloc(32) }),
    "another engine",
  ],
  ["another message id", "nothing", usm(answer(), { id: 98 }), "wrong id"],
  ["another request id inside", "nothing", usm({ id: 8 }, {}), "wrong id"],
  ["bytes", "nothing", Buffer.from("garbage"), "not a message"],
] as const)("open(): %s is refused", (_name, protect, packet, why) => {
  expect(open(metUsm(protect), Buffer.from(packet), WANTED_3, 0).said).toEqual({ kind: "refused", why });
});

test("open(): a Report may be weaker than the question, and is no proof of itself", () => {
  const opened = open(metUsm("privacy"), report(USM.window, { boots: 9 }), WANTED_3, 0);
  expect(opened).toMatchObject({ said: { kind: "report", counter: USM.window }, authentic: false, outer: { boots: 9 } });
});

test("open(): unprotected where nothing else was asked for", () => {
  expect(open(metUsm("nothing"), usm(answer()), WANTED_3, 0).said).toMatchObject({ kind: "rows" });
});

test("meet(): keys are made for the engine that answered", () => {
  const user = metUsm("privacy");
  const first = sealed(user, 0);
  const keys = createUsmKeys();
  meet(user, outerOf(report(USM.engine, { engine: Buffer.from("80001f88aa", "hex") })), { keys, atMs: 0 });
  user.salt.fill(0);
  expect(sealed(user, 0).equals(first)).toBe(false);
});

test("isOurs(): DES and AES-256 are the library's", () => {
  const { access } = metUsm("privacy");
  expect(isOurs(access)).toBe(true);
  for (const protocol of ["des", "aes256"] as const) {
    const priv = access.priv === undefined ? undefined : { ...access.priv, protocol };
    expect(isOurs({ ...access, ...(priv === undefined ? {} : { priv }) })).toBe(false);
  }
});
