import { expect, test } from "vitest";
import { listReleases } from "../../../agent/views/releases.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { release } from "../../firmware/waves/builders.ts";
import { device, T0, temporaryStore } from "../../store/temporary.ts";

const one = release();

test("listReleases(): an empty store has neither catalogue nor releases", () => {
  expect(listReleases(temporaryStore(), new Map(), [])).toEqual({
    schema: "groundswell.releases/1",
    catalogueVersion: null,
    expires: null,
    releases: [],
    sources: [],
    disputes: [],
  });
});

test("listReleases(): how many devices it fits, and how far each image is", () => {
  const store = temporaryStore();
  store.releases.saveCatalogue({ version: 3, expiresAtMs: T0 + DAY, releases: [one] }, T0);
  const model = one.models[0] ?? "";
  store.devices.save(device(1, { family: one.family, model, running: "1.0.0.1" }));
  store.devices.save(device(2, { family: one.family, model, running: one.version }));
  store.devices.save(device(3, { family: one.family, model: "Another", running: "1.0.0.1" }));
  store.devices.save(device(4, { family: "switch", model, running: "1.0.0.1" }));
  const [image] = one.images;
  if (image === undefined) throw new Error("no image");
  const fault = { kind: "stalled", waitedFor: "bytes" } as const;
  store.releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state: "staging", atMs: T0, fault });
  const progress = new Map([[image.sha256, { doneBytes: 7, totalBytes: image.sizeBytes, atMs: T0 }]]);
  const list = listReleases(store, progress, []);
  expect(list).toMatchObject({ catalogueVersion: 3, expires: "2026-11-23T20:00:00.000Z" });
  expect(list.releases[0]).toMatchObject({ id: one.id, version: one.version, revoked: false, fits: 1 });
  expect(list.releases[0]?.images[0]).toEqual({
    sha256: image.sha256,
    target: image.target,
    sizeBytes: image.sizeBytes,
    state: "staging",
    doneBytes: 7,
    fault,
  });
  expect(list.releases[0]?.images.slice(1).every(({ state }) => state === "known")).toBe(true);
});
