import { expect, test } from "vitest";
import { chainsOver } from "../../firmware/chain.ts";
import { eligibilityOf } from "../../firmware/eligibility.ts";
import { HELD_CODES, type HeldBack } from "../../firmware/held.ts";
import type { Release } from "../../firmware/release.ts";
import type { Candidate } from "../../firmware/waves/shape.ts";
import { candidate, deviceOf, macOf, PARTS, release, roomCandidate, sha, treeRelease } from "./waves/builders.ts";

/** Without what nobody has learnt of it yet. */
function lacking(...unknown: readonly (keyof Candidate)[]): Candidate {
  return Object.fromEntries(
    Object.entries(candidate(1)).filter(([key]) => !unknown.includes(key as keyof Candidate)),
  ) as unknown as Candidate;
}

function heldBack(device: Candidate, of = release(), busyElsewhere = false): HeldBack | undefined {
  const answer = eligibilityOf(device, of, { busyElsewhere });
  return answer.ok ? undefined : answer.held;
}

/** A release of the 5.x line of a VVX 411, from a range. */
const old = (version: string, fromMin: string, fromMax: string, changes: object = {}): Release =>
  release({
    id: `ucs-${version}`,
    version,
    models: ["VVX 411"],
    edges: [{ ...release().edges[0], models: ["VVX 411"], fromMin, fromMax }],
    images: [{ ...release().images[0], partNumbers: ["3111-48450-001"] }],
    ...changes,
  });

const oneEdge = (changes: Record<string, unknown>) => release({ edges: [{ ...release().edges[0], ...changes }] });

test("eligibilityOf(): a VideoOS room needs no part number where the release is a tree; what holds others back holds it too", () => {
  const answer = eligibilityOf(roomCandidate(), treeRelease());
  const tree = treeRelease().images.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes }));
  const leg = { release: "video-os-4.2.0", from: "4.1.0-383250", to: "4.2.0-387310", image: sha("d"), imageBytes: 900_000_300, tree };
  expect(answer).toMatchObject({ ok: true, model: "StudioX50", legs: [leg] });
  expect(answer).not.toHaveProperty("partNumber");
  expect(eligibilityOf(roomCandidate({ partNumber: "2200-86270-001" }), treeRelease()).ok).toBe(true);
  const codes = [{ managedBy: "teams" }, { availability: "offline" }, { running: "4.2.0-387310" }, { model: "StudioX30" }] as const;
  expect(codes.map((changes) => heldBack(roomCandidate(changes), treeRelease())?.code)).toEqual([
    "managedElsewhere",
    "offline",
    "alreadyCurrent",
    "otherModel",
  ]);
});

test("eligibilityOf(): an eligible device gets its step, the image for its part number, and what the plan takes over", () => {
  const answer = eligibilityOf(candidate(1), release());
  expect(answer).toEqual({
    ok: true,
    legs: [
      {
        ...{ release: "ucs-6.4.8", kind: "combined", from: "6.4.6.2494", to: "6.4.8.1190" },
        ...{ edge: release().edges[0], durationMs: release().edges[0]?.durationMs, measuredOn: 0 },
        ...{ image: sha("b"), imageBytes: 100_000_000 },
      },
    ],
    mac: macOf(1),
    model: "VVX 450",
    partNumber: PARTS["VVX 450"],
  });
});

test("eligibilityOf(): the image is chosen by part number, never by model", () => {
  const other = { target: "ucs/c.ld", partNumbers: ["3111-48840-025"], sizeBytes: 100_000_000, sha256: sha("c") };
  const answer = eligibilityOf(candidate(1, { partNumber: "3111-48840-025" }), release({ images: [...release().images, other] }));
  expect(answer.ok && answer.legs[0].image).toBe(sha("c"));
});

test("eligibilityOf(): who is held back is named as the plan names it", () => {
  expect(heldBack(candidate(7, { availability: "offline" }))).toMatchObject({ device: deviceOf(7), name: "zh-p-7" });
});

const CASES: readonly [string, HeldBack["code"], RegExp, HeldBack | undefined][] = [
  ["a revoked release", "revoked", /6\.4\.8\.1190 was revoked/, heldBack(candidate(1), release({ revoked: true }))],
  ["another family", "otherModel", /not for VVX 450/, heldBack(candidate(1, { family: "group" }))],
  ["an unknown family", "otherModel", /not for VVX 450/, heldBack(lacking("family"))],
  ["another model", "otherModel", /not for VVX 601/, heldBack(candidate(1, { model: "VVX 601" }))],
  ["an unknown model", "unknownModel", /a device of unknown model/, heldBack(lacking("model"))],
  ["an unknown version", "unknownVersion", /running version is not known/, heldBack(lacking("running"))],
  ["a build nobody can order", "incomparable", /cannot be put in order/, heldBack(candidate(1, { running: "6.4.6.2494_ne" }))],
  ["the wanted version", "alreadyCurrent", /already runs 6\.4\.8\.1190/, heldBack(candidate(1, { running: "6.4.8.1190" }))],
  ["a newer version", "newer", /6\.5\.0\.1, which is newer than 6\.4\.8\.1190/, heldBack(candidate(1, { running: "6.5.0.1" }))],
  [
    "a version no step starts from",
    "noEdge",
    /no known step from 5\.9\.7\.1 to 6\.4\.8\.1190/,
    heldBack(candidate(1, { running: "5.9.7.1" })),
  ],
  [
    "a part number of another model",
    "partContradiction",
    /3111-48820-001 belongs to VVX 250, not VVX 450/,
    heldBack(candidate(1, { partNumber: PARTS["VVX 250"] })),
  ],
  [
    "hardware that ends below the release [uc 10.7]",
    "hardwareEnds",
    /VVX x00, x10 and 1500 end at 5\.9\.x \[confirmed: /,
    heldBack(candidate(1, { model: "VVX 410", running: "5.9.7.3480" }), release({ models: ["VVX 410"] })),
  ],
  [
    "a step that needs another one first, where no release at hand is it",
    "steppingStone",
    /not from 5\.5\.2\.8571 to 5\.9\.8\.5760 at once: the Updater up to 5\.7\.2\.21547 lacks the key/,
    heldBack(candidate(1, { model: "VVX 411", running: "5.5.2.8571", updater: "5.7.2.21547" }), old("5.9.8.5760", "5.5.2", "5.9.7.99999")),
  ],
  [
    "a touch panel [prov 11a.4]",
    "notServed",
    /updated by the codec it is paired with/,
    heldBack(candidate(1, { family: "video-os", model: "TC8" }), release({ family: "video-os", models: ["TC8"] })),
  ],
  [
    "an Updater below the floor",
    "updaterTooOld",
    /is 6\.4\.6\.2494; .* at least 6\.4\.7$/,
    heldBack(candidate(1), oneEdge({ updaterMin: "6.4.7" })),
  ],
  [
    "an Updater nobody has read",
    "updaterTooOld",
    /its Updater is not known/,
    heldBack(lacking("updater"), oneEdge({ updaterMin: "6.0.0" })),
  ],
  [
    "another hardware revision",
    "otherRevision",
    /its hardware revision is C, and 6\.4\.8\.1190 is for hardware revision A or B only/,
    heldBack(candidate(1, { revision: "C" }), oneEdge({ hardwareRevisions: ["A", "B"] })),
  ],
  [
    "a hardware revision nobody has read",
    "unknownRevision",
    /its hardware revision is not known/,
    heldBack(candidate(1), oneEdge({ hardwareRevisions: ["A"] })),
  ],
  ["an unknown MAC address", "noMac", /MAC address is not known/, heldBack(lacking("mac"))],
  ["an unknown part number", "unknownPartNumber", /part number is not known/, heldBack(lacking("partNumber"))],
  [
    "hardware without a file",
    "noImage",
    /no file for part number 3111-48840-002/,
    heldBack(candidate(1, { partNumber: "3111-48840-002" })),
  ],
  [
    "a VideoOS room, for which a release has to be laid out as an update server",
    "notServed",
    /update server, and the release is not laid out as one/,
    heldBack(candidate(1, { family: "video-os" }), release({ family: "video-os" })),
  ],
  [
    "a Group, of which no document shows what it asks, however the release is laid out",
    "notServed",
    /update server, and what such a room asks one for is in no document/,
    heldBack(roomCandidate({ family: "group", serial: "8213AAAABB01CV", keyCodes: ["any"] }), treeRelease({ family: "group" })),
  ],
  [
    "a family that is only watched",
    "notServed",
    /family hdx are watched, not updated/,
    heldBack(candidate(1, { family: "hdx" }), { ...release(), family: "hdx" } as unknown as Release),
  ],
  ["another management", "managedElsewhere", /managed by lens/, heldBack(candidate(1, { managedBy: "lens" }))],
  ["a Resource Manager's management [prov 11aa.4]", "managedElsewhere", /managed by rprm/, heldBack(candidate(1, { managedBy: "rprm" }))],
  ["a management nobody knows", "managedElsewhere", /not known who manages it/, heldBack(candidate(1, { managedBy: "unknown" }))],
  ["a task in another campaign", "inOtherCampaign", /another campaign/, heldBack(candidate(1), release(), true)],
  [
    "a device that does not answer",
    "offline",
    /does not answer \(64:16:7f:00:00:01\)/,
    heldBack(candidate(1, { availability: "offline" })),
  ],
  ["a device never seen", "offline", /not been seen to answer yet/, heldBack(candidate(1, { availability: "unknown" }))],
];

test.each(CASES)("eligibilityOf(): %s holds the device back, and the words name it", (_what, code, why, held) => {
  expect(held?.code).toBe(code);
  expect(held?.why).toMatch(why);
  expect(held?.lifts).not.toBe("");
});

test("eligibilityOf(): a device that missed one answer is still eligible", () => {
  expect(eligibilityOf(candidate(1, { availability: "suspect" }), release()).ok).toBe(true);
});

test("eligibilityOf(): what cannot be changed by waiting is said before what can", () => {
  const offline = candidate(1, { availability: "offline", managedBy: "lens", running: "6.4.8.1190" });
  expect(heldBack(offline, release(), true)?.code).toBe("alreadyCurrent");
});

test("eligibilityOf(): a release of the Updater is held against the Updater, and the words name that version", () => {
  const updater = release({ kind: "updater", version: "6.4.6.2494" });
  expect(heldBack(candidate(1, { running: "6.0.0" }), updater)?.why).toBe("already runs 6.4.6.2494");
  expect(eligibilityOf(candidate(1, { running: "9.9.9", updater: "6.1.0" }), updater)).toMatchObject({
    ok: true,
    legs: [{ kind: "updater", from: "6.1.0" }],
  });
});

test("eligibilityOf(): an Updater nobody has read is what is missing for a release of the Updater", () => {
  const held = heldBack(lacking("updater"), release({ kind: "updater" }));
  expect(held?.code).toBe("unknownVersion");
  expect(held?.why).toBe("its Updater is not known");
});

test("eligibilityOf(): who cannot go at once is told which release at hand comes first, by its plan command", () => {
  const releases = [old("5.7.3.1797", "5.5.2", "5.7.2.99999"), old("5.9.8.5760", "5.5.2", "5.9.7.99999")];
  const device = candidate(1, { model: "VVX 411", partNumber: "3111-48450-001", running: "5.5.2.8571", updater: "5.7.2.21547" });
  const answer = eligibilityOf(device, releases[1] as Release, { chains: chainsOver(releases) });
  expect(answer).toMatchObject({
    ok: false,
    held: {
      code: "steppingStone",
      why: expect.stringContaining("2 steps lead there: 5.7.3.1797 (ucs-5.7.3.1797), then 5.9.8.5760 (ucs-5.9.8.5760)"),
      lifts: `first 5.7.3.1797: groundswell campaign plan ucs-5.7.3.1797 --device ${deviceOf(1)}`,
      first: { release: "ucs-5.7.3.1797", version: "5.7.3.1797" },
    },
  });
  expect(eligibilityOf(device, releases[0] as Release).ok).toBe(true);
  const walked = eligibilityOf(device, releases[1] as Release, { chains: chainsOver(releases), walksChains: true });
  expect(walked.ok && walked.legs.map(({ release, to }) => [release, to])).toEqual([
    ["ucs-5.7.3.1797", "5.7.3.1797"],
    ["ucs-5.9.8.5760", "5.9.8.5760"],
  ]);
});

test("eligibilityOf(): walking chains changes nothing where no release leads there", () => {
  const device = candidate(1, { running: "5.9.7.1" });
  expect(eligibilityOf(device, release(), { chains: chainsOver([release()]), walksChains: true })).toEqual(
    eligibilityOf(device, release()),
  );
});

const group = (changes: Partial<Candidate> = {}): Candidate =>
  candidate(1, { family: "group", model: "RealPresence Group 500", running: "5.1.2", serial: "8213AAAABBCCCV", ...changes });
const groupRelease = (version: string): Release =>
  release({
    family: "group",
    models: ["RealPresence Group 500"],
    version,
    edges: [{ ...release().edges[0], models: ["RealPresence Group 500"], fromMin: "5.0.0", fromMax: "6.9.9" }],
  });

test.each<[string, Partial<Candidate>, string, HeldBack["code"]]>([
  ["no key at all", {}, "6.2.2", "noKeyCode"],
  ["a key for another major release", { keyCodes: [5] }, "6.2.2", "noKeyCode"],
  ["a key, and a serial number nobody knows", { keyCodes: [6] }, "6.2.2", "noKeyCode"],
  ["its key", { keyCodes: [5, 6] }, "6.2.2", "notServed"],
  ["a key of a list that does not say for what", { keyCodes: ["any"] }, "6.2.2", "notServed"],
  ["no key for a point release", {}, "5.2.0", "notServed"],
])("eligibilityOf(): a Group with %s [video 4.1.2]", (what, changes, version, code) => {
  const { serial: _serial, ...unnamed } = group(changes);
  const held = heldBack(what.includes("nobody knows") ? unnamed : group(changes), groupRelease(version));
  expect(held?.code).toBe(code);
  if (code === "noKeyCode") expect(held?.why).toMatch(/6\.x is a new major release for it.*serial number/);
});

const WAY_BACK = ["nothingRecorded", "alreadyBack", "underWay", "movedSince", "oneWay", "needsReset", "versionGone"] as const;

test("eligibilityOf(): every code there is has a case of its own here", () => {
  const own = new Set([...CASES.map(([, code]) => code), "noKeyCode"]);
  // These need the whole site to be seen: plan-sort.test.ts.
  for (const code of ["keptUp", "noSpare"] as const) own.add(code);
  // And these say why a device cannot go back: way-back.test.ts.
  for (const code of WAY_BACK) own.add(code);
  expect(HELD_CODES.filter((code) => !own.has(code))).toEqual([]);
});
