import { expect, test } from "vitest";
import { depotView } from "../../../agent/views/depot.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { T0 } from "../../store/temporary.ts";
import { kit, planned } from "../campaigns/kit.ts";
import { document } from "../firmware/kit.ts";

test("depotView(): what holds the space: the longest unused first, and the unfinished campaigns that need it", () => {
  const made = kit();
  planned(made);
  const [campaign] = made.store.campaigns.list();
  const [image] = made.store.campaigns.load(campaign?.id as never)?.plan.release.images ?? [];
  if (image === undefined || campaign === undefined) throw new Error("no image");
  const other = "f".repeat(64) as Sha256;
  const images = [
    { sha256: image.sha256, sizeBytes: 70, usedAtMs: T0 + 5 },
    { sha256: other, sizeBytes: 30, usedAtMs: T0 },
  ];
  const parts = [{ sha256: "e".repeat(64) as Sha256, doneBytes: 3 }];
  const view = depotView({ budgetBytes: 1_000, diskFreeBytes: 500, images, parts }, made.store);
  expect(view).toMatchObject({ budgetBytes: 1_000, usedBytes: 100, diskFreeBytes: 500, parts });
  expect(view.images.map(({ sha256, heldBy }) => [sha256, heldBy])).toEqual([
    [other, []],
    [image.sha256, [campaign.id]],
  ]);
});

test("depotView(): images of an accepted release are held by it, since nobody could be asked for them again", () => {
  const { store } = kit();
  const [image] = document().images;
  store.releases.accept(document(), "folder", T0);
  const images = [{ sha256: image?.sha256 as Sha256, sizeBytes: 9, usedAtMs: T0 }];
  expect(depotView({ budgetBytes: 1_000, diskFreeBytes: 500, images, parts: [] }, store).images).toMatchObject([{ heldBy: ["mine-1"] }]);
});
