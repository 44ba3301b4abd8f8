import fc from "fast-check";
import { expect, test } from "vitest";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { accessFrom, inVlan, nameOfTarget, type SnmpAccess } from "../../../protocols/snmp/access.ts";

const nameOf = (access: SnmpAccess, nameKey = "key"): string => nameOfTarget({ address: "192.0.2.1", port: 161, access }, nameKey);

test("accessFrom(): a community is tried as 2c, then 1; a USM user as 3; a password as nothing", () => {
  const community = new Secret("public");
  const key = new Secret("maplesyrup");
  const usm: Credential = { kind: "usm", id: "u", user: "agent", auth: { protocol: "sha", key }, priv: { protocol: "aes", key } };
  expect(accessFrom({ kind: "community", id: "c", community })).toEqual([
    { version: "2c", community },
    { version: "1", community },
  ]);
  expect(accessFrom(usm)).toEqual([{ version: "3", user: "agent", auth: { protocol: "sha", key }, priv: { protocol: "aes", key } }]);
  expect(accessFrom({ kind: "usm", id: "u", user: "agent" })).toEqual([{ version: "3", user: "agent" }]);
  expect(accessFrom({ kind: "password", id: "p", user: "a", password: key })).toEqual([]);
});

test("nameOfTarget(): different secrets never make one name, however they are split", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "1", ":", "-", "|"), maxLength: 6 });
  const v3 = fc
    .tuple(text, text, text)
    .map(([user, key, context]): SnmpAccess => ({ version: "3", user, auth: { protocol: "sha", key: new Secret(key) }, context }));
  const reveal = (access: SnmpAccess): string =>
    JSON.stringify(access.version === "3" ? [access.user, access.auth?.key.reveal(), access.context] : []);
  fc.assert(
    fc.property(v3, v3, (a, b) => {
      expect(nameOf(a) === nameOf(b)).toBe(reveal(a) === reveal(b));
    }),
  );
});

test("nameOfTarget(): tells versions, ports and addresses apart", () => {
  const community = new Secret("public");
  const names = [
    nameOf({ version: "1", community }),
    nameOf({ version: "2c", community }),
    nameOfTarget({ address: "192.0.2.1", port: 162, access: { version: "1", community } }, "key"),
    nameOfTarget({ address: "192.0.2.2", port: 161, access: { version: "1", community } }, "key"),
  ];
  expect(new Set(names).size).toBe(4);
});

test("nameOfTarget(): holds no secret, and is worthless without its key", () => {
  const access: SnmpAccess = { version: "2c", community: new Secret("hush-hush") };
  expect(nameOf(access)).not.toContain("hush");
  expect(nameOf(access, "other")).not.toBe(nameOf(access));
});

test("inVlan(): Cisco's names of one VLAN's tables: the community with the number behind it, the context of version 3 [snmp 5.5.14]", () => {
  const community = inVlan({ version: "2c", community: new Secret("public") }, 20);
  expect(community.version === "2c" && community.community.reveal()).toBe("public@20");
  expect(String(community.version === "2c" && community.community)).not.toContain("public");
  expect(inVlan({ version: "3", user: "reader" }, 20)).toEqual({ version: "3", user: "reader", context: "vlan-20" });
});
