import { expect, test } from "vitest";
import { decideCauses } from "../../../../agent/health/causes/decide.ts";
import { MINUTE } from "../../../../protocols/core/time.ts";
import type { LookRow } from "../../../../store/looks.ts";
import { aSwitch, assigned, causesOf, condition, id, onPort, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const core = aSwitch("core");
const edge = aSwitch("edge", { address: "core", port: "48" });
const PHONES = ["a", "b", "c", "d"].map((name) => phone(name, onPort("edge", name)));
const site = siteWith([core.device, edge.device, ...PHONES], [core.node, edge.node]);
const answers = (name: string, atMs = T0 + MINUTE) => ({ device: id(name), atMs, outcome: "answers" }) as const;

test("a silent phone waits for its switch to be asked, two minutes at most, or for the end of a look that has begun", () => {
  const list = [condition("a")];
  const at = (nowMs: number, looks = {}) => assigned(pictureWith(site, list, looks), nowMs)["a deviceOffline"];
  expect(at(T0 + MINUTE)).toBe("waits: waits for edge to be asked");
  expect(at(T0 + 2 * MINUTE)).toBe("device:d-a:reach");
  expect(at(T0 + MINUTE, { looks: [answers("edge")] })).toBe("device:d-a:reach");
  expect(at(T0 + 10 * MINUTE, { lookingAt: ["edge"] })).toBe("waits: waits for edge to be asked");
  expect(at(T0 + 15 * MINUTE, { lookingAt: ["edge"] })).toBe("device:d-a:reach");
  expect(at(T0 + MINUTE, { looks: [answers("edge", T0 - 1)] })).toBe("waits: waits for edge to be asked");
});

test("what nobody looked at after a restart is waited for again, from the restart on", () => {
  const list = [condition("a")];
  const back = T0 + 10 * MINUTE;
  const at = (nowMs: number) => assigned({ ...pictureWith(site, list), watchedSinceMs: back }, nowMs)["a deviceOffline"];
  expect(at(back)).toBe("waits: waits for edge to be asked");
  expect(at(back + 2 * MINUTE)).toBe("device:d-a:reach");
});

test("the topmost silent switch is the cause; one that answers ends the search", () => {
  const list = ["a", "edge", "core"].map((name) => condition(name));
  const heard = { edge: T0 - 5, core: T0 - 5 };
  expect(new Set(Object.values(assigned(pictureWith(site, list, { heard }), T0 + 5 * MINUTE)))).toEqual(new Set(["device:d-core:reach"]));
  const below = pictureWith(site, list.slice(0, 2), { heard, looks: [answers("core")] });
  expect(assigned(below, T0 + MINUTE)).toEqual({ "a deviceOffline": "device:d-edge:reach", "edge deviceOffline": "device:d-edge:reach" });
});

test("a phone that went before its switch was last heard, or long after, is no child of it", () => {
  const heard = { edge: T0 };
  const list = [
    condition("edge", "deviceOffline", T0 + MINUTE),
    condition("a", "deviceOffline", T0 - 1),
    condition("b", "deviceOffline", T0 + 40 * MINUTE),
  ];
  const all = ["c", "d"].map((name) => condition(name, "deviceOffline", T0 + MINUTE));
  const found = assigned(pictureWith(site, [...list, ...all], { heard }), T0 + 60 * MINUTE);
  expect([found["a deviceOffline"], found["b deviceOffline"], found["c deviceOffline"]]).toEqual([
    "device:d-a:reach",
    "device:d-b:reach",
    "device:d-edge:reach",
  ]);
});

test("a switch that only does not answer us, while most on it do, holds nobody after half an hour", () => {
  const list = [condition("edge"), condition("a", "deviceOffline", T0 + MINUTE)];
  const silent = (minutes: number): LookRow => ({ device: id("edge"), atMs: T0 + minutes * MINUTE, outcome: "silent" });
  const at = (minutes: number, ...looks: LookRow[]) =>
    assigned(pictureWith(site, list, { looks: [answers("core"), ...looks] }), T0 + minutes * MINUTE)["a deviceOffline"];
  expect([at(10), at(31, silent(30))]).toEqual(["device:d-edge:reach", "device:d-a:reach"]);
  // Others may have come back with it, and were asked before it was.
  expect([at(31), at(31, silent(20)), at(31, answers("edge", T0 + 31 * MINUTE))]).toEqual(Array(3).fill("device:d-edge:reach"));
  const asks = (minutes: number, ...looks: LookRow[]) =>
    decideCauses(pictureWith(site, list, { looks: [answers("core"), ...looks] }), { open: [], ended: [] }, T0 + minutes * MINUTE).looks;
  expect([asks(29), asks(31), asks(31, silent(30)), asks(61, silent(30))]).toEqual([[], [id("edge")], [], [id("edge")]]);
});

test("a phone that answers is not judged by its switch", () => {
  const list = [condition("edge"), condition("a", "registrationLost", T0 + MINUTE)];
  expect(assigned(pictureWith(site, list), T0 + 5 * MINUTE)["a registrationLost"]).toBe("device:d-a:reach");
});

test("a switch that comes and goes takes the phones that do so with it", () => {
  const list = [condition("edge", "flapping"), condition("a", "flapping", T0 - 10 * MINUTE)];
  expect(assigned(pictureWith(site, list), T0 + 5 * MINUTE)["a flapping"]).toBe("device:d-edge:reach");
});

test("a switch that nobody can ask is taken for lost where all on it are silent", () => {
  const unknown = siteWith(
    PHONES.map((one) => ({ ...one, ...onPort("10.9.9.9", one.name) })),
    [{ address: "10.9.9.9" }],
  );
  const all = PHONES.map(({ name }) => condition(name));
  expect(new Set(Object.values(assigned(pictureWith(unknown, all), T0)))).toEqual(new Set(["switch:10.9.9.9"]));
  expect(new Set(Object.values(assigned(pictureWith(unknown, all.slice(1)), T0))).size).toBe(3);
});

test("a switch is named with its uplink, an uplink with its port", () => {
  const heard = { edge: T0 - 5 };
  const [cause] = causesOf(
    pictureWith(
      site,
      ["edge", "a"].map((name) => condition(name)),
      { heard, looks: [answers("core")] },
    ),
    T0 + MINUTE,
  );
  expect(cause?.words(1)).toEqual({
    title: "Switch edge, or its uplink at port 48 of switch core, is lost: 1 of 4 behind it are dark",
    why: "edge does not answer, and what hangs on it went silent after it was last heard",
    advice: "Look whether edge has power, and at port 48 of switch core",
  });
  const two = aSwitch("two", { address: "core", port: "48" });
  const shared = siteWith([core.device, edge.device, two.device, ...PHONES], [core.node, edge.node, two.node]);
  const [uplink] = causesOf(
    pictureWith(
      shared,
      ["edge", "two"].map((name) => condition(name)),
      { looks: [answers("core")] },
    ),
    T0 + MINUTE,
  );
  expect(uplink).toMatchObject({ key: "uplink:core 48", kind: "uplink", total: 6 });
  expect(uplink?.words(6).title).toBe("The uplink at port 48 of switch core is lost: 6 of 6 behind it are dark");
});
