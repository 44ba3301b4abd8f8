import { expect, test } from "vitest";
import { momentOf } from "../../../agent/cli/show.ts";
import { showMac } from "../../../protocols/core/ids.ts";
import { DAY, HOUR } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { CAMPAIGN, storeWithCampaign, taskOf } from "../../store/temporary.ts";
import { deviceId, macOf, type Story, story, T0 } from "./stories.ts";

const DESK = { name: "Reception", room: "Lobby", floor: "0", duties: ["reception" as const] };

/** Device 1 at the reception, device 2 on the shelf. */
function desk(told = story()): Story {
  told.store.places.fromSettings({ mac: macOf(1), ...DESK }, T0);
  told.see(1);
  told.see(2);
  return told;
}

test("device.swap: the place moves with name, room, duties and settings; the old one is out of service", async () => {
  const told = desk();
  await told.say("place.set", { place: "Reception", ring: "late", expectedLines: 2, dryRun: false });
  told.store.conditions.open({
    deviceId: deviceId(1),
    kind: "offline",
    severity: "error",
    causeClass: "hardware",
    sinceMs: T0,
    evidence: [],
  });
  const answer = await told.say("device.swap", { device: "Reception", next: deviceId(2), dryRun: false });
  expect(answer).toMatchObject({ place: { name: "Reception" }, old: deviceId(1), new: deviceId(2), warnings: [] });
  expect(told.store.places.ofDevice(deviceId(2))).toMatchObject({ ...DESK, ring: "late", expectedLines: 2 });
  expect(told.store.places.ofDevice(deviceId(1))).toBeUndefined();
  expect([told.store.devices.load(deviceId(2))?.name, told.store.devices.load(deviceId(1))?.retiredAtMs]).toEqual([
    "Reception",
    told.nowMs,
  ]);
  expect(told.store.conditions.listOpen()).toEqual([]);
  expect(told.store.audit.list()[0]).toMatchObject({ action: "device.swapped", detail: { old: deviceId(1), new: deviceId(2) } });
  // Nobody asks what is out of service, and it is in no plan.
  expect(told.store.devices.list({ adopted: true, retired: false }).map(({ id }) => id)).toEqual([deviceId(2)]);
});

test("device.swap: the place keeps one history of all that served in it, and the new one keeps its name", async () => {
  const told = desk();
  await told.say("device.swap", { device: deviceId(1), next: deviceId(2), dryRun: false });
  const swappedAt = told.nowMs;
  told.see(2, { name: "Polycom-2" });
  expect(told.store.devices.load(deviceId(2))?.name).toBe("Reception");
  const { served } = (await told.say("place.show", { place: "reception" })) as {
    served: { device: string; from: string; until?: string }[];
  };
  expect(served.map(({ device, from, until }) => [device, momentOf(from), momentOf(until)])).toEqual([
    [deviceId(1), T0, swappedAt],
    [deviceId(2), swappedAt, undefined],
  ]);
});

test("device.swap: a MAC that nobody has seen yet is expected in the place", async () => {
  const told = desk();
  const answer = await told.say("device.swap", { device: deviceId(1), next: "64:16:7f:00:00:09", dryRun: false });
  expect(answer).toMatchObject({ newMac: macOf(9), warnings: [expect.stringContaining("waits for it")] });
  told.see(9);
  expect(told.store.devices.load(deviceId(9))?.name).toBe("Reception");
});

test("device.swap: what has no place yet gets one of its name; a dry run makes none", async () => {
  const told = story();
  told.see(1, { name: "Desk 7" });
  told.see(2);
  await told.say("device.swap", { device: deviceId(1), next: deviceId(2), dryRun: true });
  expect([told.store.places.all(), told.store.devices.load(deviceId(1))?.retiredAtMs]).toEqual([[], undefined]);
  await told.say("device.swap", { device: deviceId(1), next: deviceId(2), dryRun: false });
  expect(told.store.places.ofDevice(deviceId(2))?.name).toBe("Desk 7");
  expect(told.store.places.tenures({ mac: macOf(1) })).toMatchObject([{ untilMs: told.nowMs }]);
});

test("device.swap: the settings, which still name the old one, do not take it back at the next start", async () => {
  const told = desk();
  await told.say("device.swap", { device: deviceId(1), next: deviceId(2), dryRun: false });
  told.store.places.fromSettings({ mac: macOf(1), ...DESK }, told.nowMs);
  expect(told.store.places.ofDevice(deviceId(2))?.name).toBe("Reception");
});

test("device.retire: out of service, its place kept; seen again it is back with one history", async () => {
  const told = desk();
  await told.say("device.retire", { device: deviceId(1), reason: "broken", dryRun: false });
  expect(told.store.devices.list({ retired: true }).map(({ id }) => id)).toEqual([deviceId(1)]);
  expect(await told.refused("device.retire", { device: deviceId(1), reason: "", dryRun: false })).toContain("retired already");
  told.nowMs += 40 * DAY;
  told.see(1, {}, { address: "10.20.7.7" });
  const row = told.store.devices.load(deviceId(1));
  expect(row).toMatchObject({ adopted: true, name: "Reception", address: "10.20.7.7" });
  expect([row?.retiredAtMs, (row?.firstSeenMs ?? 0) < T0 + HOUR, told.store.sightings.recent(deviceId(1), 9).length]).toEqual([
    undefined,
    true,
    2,
  ]);
  expect(told.changes.at(-1)?.changes).toContainEqual({ field: "standing", was: "retired", is: "adopted" });
});

test("a re-addressed and a re-imaged device keep one history", () => {
  const told = desk();
  told.see(1, { running: { application: "6.4.7.0001" } }, { address: "10.20.3.3" });
  told.see(1, { running: { application: "7.0.0.0001" }, serial: "S-1" }, { address: "10.20.3.4", source: "provisioning" });
  expect(told.store.devices.count()).toBe(2);
  expect(told.store.devices.load(deviceId(1))).toMatchObject({ address: "10.20.3.4", serial: "S-1", running: "6.4.7.0001" });
  expect(told.store.sightings.recent(deviceId(1), 9)).toHaveLength(3);
});

test("device.swap, device.retire: I23 what waits for a unit that goes ends in the name of the person, and nobody else's", async () => {
  const told = story(storeWithCampaign());
  told.see(7);
  const swap = { device: deviceId(1), next: deviceId(7) };
  const shown = await told.say("device.swap", { ...swap, dryRun: true });
  expect(shown["warnings"]).toContain(`its task in ${CAMPAIGN} (planned) ends as skipped`);
  expect(told.store.tasks.load(taskOf(1))?.state.at).toBe("planned");
  await told.say("device.swap", { ...swap, dryRun: false });
  await told.say("device.retire", { device: deviceId(2), reason: "broken screen", dryRun: false });
  expect([1, 2, 3].map((number) => told.store.tasks.load(taskOf(number))?.state)).toMatchObject([
    { at: "skipped", why: `swapped for ${showMac(macOf(7))}` },
    { at: "skipped", why: "retired: broken screen" },
    { at: "planned" },
  ]);
});

test("device.swap, device.retire, inbox.ignore: refused with the reason while a campaign holds the device", async () => {
  const told = story(storeWithCampaign());
  told.see(7);
  const swap = { device: deviceId(7), next: deviceId(1), dryRun: true };
  expect(await told.refused("device.swap", swap)).toContain("part of a campaign");
  expect(await told.refused("inbox.ignore", { devices: [deviceId(1)], dryRun: false })).toContain("part of a campaign");
  const next = { at: "rebooting", attempt: { number: 1, token: "t", leg: 0 }, deadlineMs: T0 } as const;
  told.store.tasks.step({ task: taskOf(1), expectedRevision: 1, next, event: { kind: "imageStaged" }, atMs: T0 });
  expect(await told.refused("device.swap", { device: deviceId(1), next: deviceId(7), dryRun: true })).toContain("being updated");
  expect(await told.refused("device.retire", { device: deviceId(1), reason: "", dryRun: false })).toContain("being updated");
  expect(told.store.devices.load(deviceId(1))).toMatchObject({ adopted: true });
});

test("place.set: made by name, changed by name or id, emptied by an empty text; who served there is one at a time", async () => {
  const told = desk();
  const { place } = (await told.say("place.set", { place: "Lab", room: "L1", serves: deviceId(2), dryRun: false })) as {
    place: { id: string };
  };
  expect(told.store.places.ofDevice(deviceId(2))).toMatchObject({ name: "Lab", room: "L1" });
  expect(told.store.devices.load(deviceId(2))?.name).toBe("Lab");
  const moved = await told.say("place.set", { place: place.id, room: "", serves: deviceId(1), dryRun: false });
  expect(moved["warnings"]).toEqual(["Reception becomes empty: the device served there"]);
  expect(told.store.places.load(place.id)).toEqual({ id: place.id, name: "Lab", mac: macOf(1), duties: [] });
  await told.say("place.set", { place: "Lab", serves: null, dryRun: false });
  expect(told.store.places.ofDevice(deviceId(1))).toBeUndefined();
});

test("place.set: other hardware in a place is told as its new place; the first one there, and the same again, is not", async () => {
  const told = desk();
  const swaps = (): unknown[] =>
    told.changes.flatMap(({ id, changes }) =>
      changes.filter(({ field }) => field === "place").map((change) => [id, change.was, change.is]),
    );
  await told.say("place.set", { place: "Lab", serves: deviceId(2), dryRun: false });
  expect(swaps()).toEqual([]);
  await told.say("place.set", { place: "Reception", serves: deviceId(2), dryRun: false });
  await told.say("place.set", { place: "Reception", serves: deviceId(2), room: "Hall", dryRun: false });
  expect(swaps()).toEqual([[deviceId(2), "Lab", "Reception"]]);
});

test("place.set: a dry run changes nothing; the settings' own word is warned of", async () => {
  const told = desk();
  const shown = await told.say("place.set", { place: "Reception", room: "Hall", dryRun: true });
  expect(shown).toMatchObject({ place: { room: "Hall" }, made: false, warnings: [expect.stringContaining("at the next start")] });
  expect(told.store.places.ofMac(macOf(1))?.room).toBe("Lobby");
});

test("place.list, place.show: empty and full", async () => {
  expect(await story().say("place.list", {})).toEqual({ schema: "groundswell.places/1", places: [] });
  const told = desk();
  expect(await told.say("place.list", {})).toMatchObject({ places: [{ name: "Reception", device: deviceId(1), standing: "adopted" }] });
  expect(await told.refused("place.show", { place: "attic" })).toBe('No place "attic"');
});

test("inbox: adopted and ignored by a person, in the audit, never undone by a rule; what is so already is left out", async () => {
  const told = desk();
  expect(await told.say("inbox.ignore", { devices: [deviceId(1), "10.20.0.2", deviceId(1)], dryRun: true })).toMatchObject({
    dryRun: true,
    devices: [{}, {}],
  });
  expect(told.store.devices.list({ ignored: true })).toEqual([]);
  await told.say("inbox.ignore", { devices: [deviceId(1)], dryRun: false });
  told.see(1);
  expect(told.store.devices.load(deviceId(1))).toMatchObject({ adopted: false, decidedBy: "person" });
  expect(await told.say("inbox.list", { which: "ignored" })).toMatchObject({ devices: [{ device: deviceId(1), standing: "ignored" }] });
  expect(await told.say("inbox.ignore", { devices: [deviceId(1)], dryRun: false })).toMatchObject({ devices: [] });
  await told.say("inbox.adopt", { devices: [deviceId(1)], dryRun: false });
  expect(told.store.devices.load(deviceId(1))?.ignoredAtMs).toBeUndefined();
  expect(told.store.audit.list().map(({ action }) => action)).toEqual(["inbox.adopt", "inbox.ignore"]);
});

test("inbox.list, inbox.explain: evidence, sources, coverage and why", async () => {
  const told = story(undefined, (id) => (id === deviceId(1) ? "notCovered" : undefined));
  told.see(1);
  told.store.devices.save({ ...(told.store.devices.load(deviceId(1)) as DeviceRow), adopted: false });
  expect(await told.say("inbox.list", { which: "waiting" })).toMatchObject({
    devices: [{ device: deviceId(1), standing: "waiting", coverage: "notCovered", why: "adopt: ask", sources: ["device"], conflicts: 0 }],
  });
  expect(await told.say("inbox.explain", { of: deviceId(1) })).toMatchObject({
    evidence: [{ source: "device", what: "https: GET /info of 1" }],
    conflicts: [],
  });
});
