import { expect, test } from "vitest";
import { release, sha } from "../../firmware/waves/builders.ts";
import { T0 } from "../../store/temporary.ts";
import { adviceBench, R573, R598, to, vvx } from "./advice-kit.ts";

test("firmware.path: the chain with its reasons, why not at once, and whether the first step may be planned now", async () => {
  const { store, path } = adviceBench([R598, R573], [vvx(1)]);
  store.releases.saveImage({ sha256: sha("a"), sizeBytes: 1, state: "staged", atMs: T0 });
  expect(await path("Phone 1", R598.id)).toMatchObject({
    ok: true,
    result: {
      schema: "groundswell.firmware-path/1",
      running: "5.5.2.8571",
      updater: "5.7.2.21547",
      version: "5.9.8.5760",
      steps: [
        { step: 1, release: R573.id, from: "5.5.2.8571", reversibility: "in_place", staged: true, foreseen: false },
        { step: 2, release: R598.id, from: "5.7.3.1797", why: expect.stringContaining("states it from 5.5.2 to"), foreseen: true },
      ],
      notAtOnce: { code: "steppingStone", why: expect.stringContaining("lacks the key") },
      now: { ok: true },
    },
  });
});

test("firmware.path: a first step that has to wait says for what", async () => {
  const { path } = adviceBench([R598, R573], [vvx(1, { availability: "offline" })]);
  expect(await path("Phone 1", R598.id)).toMatchObject({ result: { steps: [{}, {}], now: { ok: false, code: "offline" } } });
});

test.each([
  ["no way at hand", [R598], vvx(1), "steppingStone"],
  [
    "hardware that ends below it",
    [to("6.4.8.1190", "5.0.0", "6.4.7", { models: ["VVX 410"] })],
    vvx(1, { model: "VVX 410" }),
    "hardwareEnds",
  ],
  ["there already", [R598], vvx(1, { running: "5.9.8.5760" }), "alreadyCurrent"],
  ["another model", [R598], vvx(1, { model: "VVX 601" }), "otherModel"],
])("firmware.path: %s has no steps, and the reason", async (_what, releases, row, code) => {
  const { path } = adviceBench(releases, [row]);
  const outcome = await path("Phone 1", releases[0]?.id ?? "");
  expect(outcome).toMatchObject({ ok: true, result: { steps: [], now: { ok: false, code } } });
});

test("firmware.path: a Group's major release says whether its key code is there, and nothing of the code [lens 9.2]", async () => {
  const models = ["RealPresence Group 500"];
  const six = release({
    id: "group-6.2",
    family: "group",
    models,
    version: "6.2.2",
    edges: [{ ...release().edges[0], models, fromMin: "5.0.0", fromMax: "6.1.9" }],
  });
  const group = vvx(1, {
    family: "group",
    model: "RealPresence Group 500",
    running: "5.1.2",
    serial: "8213AAAABBCCCV",
    partNumber: "3111-48840-001",
  });
  const { store, path } = adviceBench([six], [group]);
  expect(await path("Phone 1", six.id)).toMatchObject({
    result: { steps: [{ keyCode: "missing" }], now: { code: "noKeyCode", lifts: expect.stringContaining("keys import") } },
  });
  store.keyCodes.save({ serial: "8213AAAABBCCCV", release: 6, sealed: Buffer.from("x"), atMs: T0, actor: "doe", file: "keys.csv" });
  expect(await path("Phone 1", six.id)).toMatchObject({ result: { steps: [{ keyCode: "present" }], now: { code: "notServed" } } });
});

test("firmware.path: a device or release nobody knows", async () => {
  const { path } = adviceBench([R598], [vvx(1)]);
  expect(await path("nobody", R598.id)).toMatchObject({ ok: false, code: "notFound", message: 'No device "nobody"' });
  expect(await path("Phone 1", "ucs-9")).toMatchObject({ ok: false, code: "notFound", message: expect.stringContaining("firmware list") });
});
