import { expect, test } from "vitest";
import { eligibilityOf } from "../../firmware/eligibility.ts";
import type { Release } from "../../firmware/release.ts";
import type { Candidate, HeldBack } from "../../firmware/waves/shape.ts";
import { candidate, deviceOf, macOf, PARTS, release, sha } from "./waves/builders.ts";

/** Without what nobody has learnt of it yet. */
function lacking(...unknown: readonly (keyof Candidate)[]): Candidate {
  return Object.fromEntries(
    Object.entries(candidate(1)).filter(([key]) => !unknown.includes(key as keyof Candidate)),
  ) as unknown as Candidate;
}

function heldBack(device: Candidate, of = release(), busyElsewhere = false): HeldBack | undefined {
  const answer = eligibilityOf(device, of, busyElsewhere);
  return answer.ok ? undefined : answer.held;
}

const oneEdge = (changes: Record<string, unknown>) => release({ edges: [{ ...release().edges[0], ...changes }] });

test("eligibilityOf(): an eligible device gets its step, the image for its part number, and what the plan takes over", () => {
  const answer = eligibilityOf(candidate(1), release());
  expect(answer).toEqual({
    ok: true,
    edge: release().edges[0],
    image: release().images[1],
    from: "6.4.6.2494",
    mac: macOf(1),
    model: "VVX 450",
    partNumber: PARTS["VVX 450"],
  });
});

test("eligibilityOf(): the image is chosen by part number, never by model", () => {
  const answer = eligibilityOf(candidate(1, { partNumber: PARTS["VVX 250"] }), release());
  expect(answer.ok && answer.image.sha256).toBe(sha("a"));
});

test("eligibilityOf(): who is held back is named as the plan names it", () => {
  expect(heldBack(candidate(7, { availability: "offline" }))).toMatchObject({ device: deviceOf(7), name: "zh-p-7" });
});

const CASES: readonly [string, HeldBack["code"], RegExp, HeldBack | undefined][] = [
  ["a revoked release", "noEdge", /6\.4\.8\.1190 was revoked/, heldBack(candidate(1), release({ revoked: true }))],
  ["another family", "noEdge", /not for VVX 450/, heldBack(candidate(1, { family: "group" }))],
  ["an unknown family", "noEdge", /not for VVX 450/, heldBack(lacking("family"))],
  ["another model", "noEdge", /not for VVX 601/, heldBack(candidate(1, { model: "VVX 601" }))],
  ["an unknown model", "noEdge", /a device of unknown model/, heldBack(lacking("model"))],
  ["an unknown version", "unknownVersion", /running version is not known/, heldBack(lacking("running"))],
  ["a build nobody can order", "unknownVersion", /cannot be put in order/, heldBack(candidate(1, { running: "6.4.6.2494_ne" }))],
  ["the wanted version", "alreadyCurrent", /already runs 6\.4\.8\.1190/, heldBack(candidate(1, { running: "6.4.8.1190" }))],
  ["a newer version", "newer", /6\.5\.0\.1, which is newer than 6\.4\.8\.1190/, heldBack(candidate(1, { running: "6.5.0.1" }))],
  [
    "a version no step starts from",
    "noEdge",
    /no known step from 5\.9\.7\.1 to 6\.4\.8\.1190/,
    heldBack(candidate(1, { running: "5.9.7.1" })),
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
  ["an unknown MAC address", "noMac", /MAC address is not known/, heldBack(lacking("mac"))],
  ["an unknown part number", "unknownPartNumber", /part number is not known/, heldBack(lacking("partNumber"))],
  [
    "hardware without a file",
    "noImage",
    /no file for part number 3111-48840-002/,
    heldBack(candidate(1, { partNumber: "3111-48840-002" })),
  ],
  [
    "a room, whose image has to come from an update server",
    "notServed",
    /update server, and what such a room asks one for is in no document/,
    heldBack(candidate(1, { family: "video-os" }), release({ family: "video-os" })),
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
  expect(eligibilityOf(candidate(1, { running: "9.9.9", updater: "6.1.0" }), updater)).toMatchObject({ ok: true, from: "6.1.0" });
});

test("eligibilityOf(): an Updater nobody has read is what is missing for a release of the Updater", () => {
  const held = heldBack(lacking("updater"), release({ kind: "updater" }));
  expect(held?.code).toBe("unknownVersion");
  expect(held?.why).toBe("its Updater is not known");
});
