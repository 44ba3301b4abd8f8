import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Bug, ok } from "../../../protocols/core/fault.ts";
import { ACCOUNTS, CALLS, DEVICES, pathQuery, RELEASES } from "../../../protocols/lens/queries.ts";
import { documentOf, droppable, type LensQuery } from "../../../protocols/lens/query.ts";

const path = pathQuery("Edge E350", "8.6.0.1321");
const ALL: readonly LensQuery<unknown>[] = [DEVICES, ACCOUNTS, CALLS, RELEASES, ...(path === undefined ? [] : [path])];
const none = new Set<string>();

const MUTATIONS = [
  ...["rebootDevice", "rebootDevicesBySiteId", "updateDevice", "factoryReset", "deleteDevices", "createTenant", "updateTenant"],
  ...["inviteUser", "createSubnetRule", "deleteSites"],
];

test("documentOf(): every document is one question; nothing that reboots, resets, renames or invites is in any [lens 5.1] [lens 5.2] [lens 5.3] [lens 5.4] [lens 5.5]", () => {
  expect(ALL).toHaveLength(5);
  for (const query of ALL) {
    const text = documentOf(query, none);
    expect(text).toMatch(/^query [a-zA-Z]+(?:\([^)]*\))? \{ /);
    expect(text).not.toMatch(/\b(?:mutation|subscription|query\b.*\bquery [a-z]+ [({])/i);
    for (const name of MUTATIONS) expect(text).not.toContain(name);
  }
  // Nor in any file that could make another one.
  const folder = join(import.meta.dirname, "../../../protocols/lens");
  for (const file of readdirSync(folder)) {
    const code = readFileSync(join(folder, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    expect([file, /\bmutation\b/.test(code)]).toEqual([file, false]);
  }
});

test("DEVICES: pages of deviceSearch with their size and token; the key of a licence is not asked for [lens 4.1] [lens 13.1]", () => {
  const text = documentOf(DEVICES, none);
  expect(text).toContain("query devices($params: DeviceFindArgs) { deviceSearch(params: $params) { edges { node { id name");
  expect(text).toContain("pageInfo { totalCount countOnPage nextToken hasNextPage }");
  for (const field of ["macAddress", "provisioningEnabled", "callStatus", "connections { name macAddress softwareVersion }"]) {
    expect(text).toContain(field);
  }
  expect(text).not.toMatch(/licen[cs]eKey/i);
  expect(text).not.toMatch(/\b(?:devices|searchDevices)\s*[({]\s*(?!\$params)/);
});

test("ACCOUNTS: devices, accounts and the budget in one document [lens 13.2]", () => {
  expect(documentOf(ACCOUNTS, none)).toBe(
    "query accounts { countDevices tenants { id name type memberCount } calculateQueryCost { queryCost costUsed costRemaining secondsToReset } }",
  );
  expect(ACCOUNTS.decode({ countdevices: "12", tenants: [{ id: "t1", name: "Zug", membercount: 3 }, { name: "no id" }] })).toEqual(
    ok({ deviceCount: 12, tenants: [{ id: "t1", name: "Zug", memberCount: 3 }] }),
  );
});

test("RELEASES: the releases of one product [lens 13.3]", () => {
  expect(documentOf(RELEASES, none)).toBe(
    "query releases($pid: ID!) { availableProductSoftwareByPid(pid: $pid) { version releaseChannel latest blockedDownload deprecated publishDate productBuild { build archiveUrl } } }",
  );
});

test("pathQuery(): product and running version stand in the question; what could end their texts is no name", () => {
  expect(path === undefined ? "" : documentOf(path, none)).toBe(
    'query path { getSteppedProductSoftwareByDeviceId(query: {pid: "Edge E350", currentVersion: "8.6.0.1321"}) { foundSoftware steppedUpgradeVersionList productSoftware { version } } }',
  );
  for (const evil of ['x"}) { id } } mutation m { rebootDevice(deviceId: "', "a\\", "a\nb", "", "x".repeat(65)]) {
    expect([pathQuery(evil, "1.0"), pathQuery("x", evil)]).toEqual([undefined, undefined]);
  }
});

test("documentOf(): fields are left out wherever they stand, and what has none left goes with them", () => {
  const query: LensQuery<unknown> = {
    name: "q",
    select: ["a", { b: ["c", { d: ["c"] }] }, { e: ["c"] }],
    needs: [],
    open: true,
    decode: ok,
  };
  expect(documentOf(query, none)).toBe("query q { a b { c d { c } } e { c } }");
  expect(documentOf(query, new Set(["c"]))).toBe("query q { a }");
  expect(documentOf(query, new Set(["b"]))).toBe("query q { a e { c } }");
});

test("documentOf(): a name or field that is none is our own mistake", () => {
  const query = (name: string, field: string): LensQuery<unknown> => ({ name, select: [field], needs: [], decode: ok });
  for (const [name, field] of [
    ["a b", "x"],
    ["q", "x } mutation m {"],
    ["q", 'x(a: "\\"")'],
  ] as const) {
    expect(() => documentOf(query(name, field), none)).toThrow(Bug);
  }
});

test("droppable(): only what is asked for and not needed", () => {
  expect(droppable(DEVICES, ["callStatus", "id", "nextToken", "costUsed", "unheardOf"])).toEqual(["callStatus", "costUsed"]);
});
