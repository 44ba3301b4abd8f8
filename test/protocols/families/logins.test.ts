import { expect, test } from "vitest";
import { STANDARD_PORTS } from "../../../protocols/core/device.ts";
import { fail, ok, type Result } from "../../../protocols/core/fault.ts";
import { type Mac, parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, type Login, Secret } from "../../../protocols/core/secret.ts";
import type { Target } from "../../../protocols/families/family.ts";
import { identityFor, loginsFor, refusalKey, withLogin } from "../../../protocols/families/logins.ts";
import { createRefusals } from "../../../protocols/families/refusals.ts";

const MAC = parseMac("64167faabbcc") as Mac;
const RULE = { family: "uc-phone", via: "https", refusalsPerVisit: 2 } as const;
const password = (id: string, families?: readonly string[]): Credential => ({
  kind: "password",
  id,
  user: "Polycom",
  password: new Secret("x"),
  ...(families === undefined ? {} : { families }),
});
const target = (...credentials: Credential[]): Target => ({
  address: "192.0.2.1",
  ports: STANDARD_PORTS,
  credentials,
  trust: "any",
  expectMac: MAC,
});

/** A device that takes the one credential named. */
function taking(id: string): { tried: string[]; attempt: (login: Login) => Promise<Result<string>> } {
  const tried: string[] = [];
  const attempt = async (login: Login): Promise<Result<string>> => {
    tried.push(login.id);
    return login.id === id ? ok("in") : fail({ kind: "denied", via: "https", credentialId: login.id });
  };
  return { tried, attempt };
}

test("refusalKey(): a MAC stays when the address moves, an address stands in where there is none", () => {
  expect(refusalKey({ address: "192.0.2.1", expectMac: MAC })).toBe("64167faabbcc");
  expect(refusalKey({ address: "192.0.2.1" })).toBe("192.0.2.1");
});

test("loginsFor(): only passwords, only those meant for the family, in the site's order", () => {
  const community: Credential = { kind: "community", id: "ro", community: new Secret("x") };
  const all = target(password("rooms", ["video-os"]), community, password("phones", ["uc-phone"]), password("any"));
  expect(loginsFor(all, "uc-phone").map(({ id }) => id)).toEqual(["phones", "any"]);
});

test("identityFor(): the first certificate meant for the family; without a family only one meant for all", () => {
  const key = new Secret("k");
  const rooms: Credential = { kind: "certificate", id: "rooms", certificate: "R", key, families: ["video-os"] };
  const any: Credential = { kind: "certificate", id: "any", certificate: "A", key };
  const both = target(password("a"), rooms, any);
  expect(identityFor(both, "video-os")).toEqual({ identity: { certificate: "R", key } });
  expect(identityFor(both, "uc-phone")).toEqual({ identity: { certificate: "A", key } });
  expect(identityFor(both)).toEqual({ identity: { certificate: "A", key } });
  expect(identityFor(target(rooms), "uc-phone")).toEqual({});
  expect(identityFor(target(rooms))).toEqual({});
});

test("withLogin(): the next password is tried after a refusal, and the one taken is remembered as good", async () => {
  const refusals = createRefusals();
  refusals.note(MAC, "b");
  const { tried, attempt } = taking("b");
  expect(await withLogin(target(password("a"), password("b")), RULE, { refusals }, attempt)).toEqual(ok("in"));
  expect(tried).toEqual(["a", "b"]);
  expect(refusals.snapshot()).toEqual([{ device: MAC, credentialId: "a", count: 1 }]);
});

test("withLogin(): one visit causes no more refusals than its rule allows", async () => {
  const { tried, attempt } = taking("d");
  const result = await withLogin(
    target(password("a"), password("b"), password("c"), password("d")),
    RULE,
    { refusals: createRefusals() },
    attempt,
  );
  expect(tried).toEqual(["a", "b"]);
  expect(result).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "b" } });
});

test("withLogin(): a credential refused twice is not shown to the device again, others are", async () => {
  const refusals = createRefusals();
  const { tried, attempt } = taking("none");
  for (let visit = 0; visit < 5; visit++) await withLogin(target(password("a")), RULE, { refusals }, attempt);
  expect(tried).toEqual(["a", "a"]);
  const last = await withLogin(target(password("a")), RULE, { refusals }, attempt);
  expect(last).toMatchObject({
    ok: false,
    fault: { kind: "denied", credentialId: "a", detail: expect.stringContaining("until it changes") },
  });
  const other = taking("b");
  expect(await withLogin(target(password("a"), password("b")), RULE, { refusals }, other.attempt)).toEqual(ok("in"));
  expect(other.tried).toEqual(["b"]);
});

test("withLogin(): a fault that is not about the password ends the visit and counts as no refusal", async () => {
  const refusals = createRefusals();
  const locked = { kind: "lockedOut", via: "https", retryAfterMs: 60_000 } as const;
  const tried: string[] = [];
  const result = await withLogin(target(password("a"), password("b")), RULE, { refusals }, async (login) => {
    tried.push(login.id);
    return fail(locked);
  });
  expect(result).toEqual(fail(locked));
  expect([tried, refusals.snapshot()]).toEqual([["a"], []]);
});

test("withLogin(): an ended session is denied without a credential and stops nothing", async () => {
  const refusals = createRefusals();
  await withLogin(target(password("a")), RULE, { refusals }, async () =>
    fail({ kind: "denied", via: "https", detail: "the session has ended" }),
  );
  expect(refusals.snapshot()).toEqual([]);
});

test("withLogin(): a password taken and refused later in the same visit counts as refused, so it stops after two", async () => {
  const refusals = createRefusals();
  const tried: string[] = [];
  for (let visit = 0; visit < 4; visit++) {
    await withLogin(target(password("a")), RULE, { refusals }, async (login, refusedLater) => {
      tried.push(login.id);
      refusedLater();
      return ok("half");
    });
  }
  expect(tried).toEqual(["a", "a"]);
});

test("withLogin(): no password on record is denied without an attempt", async () => {
  const { tried, attempt } = taking("a");
  expect(await withLogin(target(), RULE, {}, attempt)).toMatchObject({ ok: false, fault: { kind: "denied" } });
  expect(tried).toEqual([]);
});
