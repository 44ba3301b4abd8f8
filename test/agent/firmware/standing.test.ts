import { expect, test } from "vitest";
import { disagreementsIn, heldAt, inChannel, irreplaceable, overruledBy } from "../../../agent/firmware/standing.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { sha } from "../../firmware/waves/builders.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";
import { ARCHIVE, archive, document, file, INSIDE, PART } from "./kit.ts";

function withChannel() {
  const store = temporaryStore();
  store.releases.saveCatalogue({ version: 1, expiresAtMs: T0 + DAY, releases: [document(sha("a"), { id: "theirs-1" })] }, T0);
  return store;
}

test("disagreementsIn(), overruledBy(): over what the channel says and what was accepted", () => {
  const store = withChannel();
  store.releases.accept(document(sha("b")), "folder", T0);
  expect(disagreementsIn(store)).toMatchObject([{ about: "file", used: { source: "channel" }, other: { source: "folder" } }]);
  expect([overruledBy("mine-1", store)?.about, overruledBy("theirs-1", store), overruledBy("none", store)]).toEqual([
    "file",
    undefined,
    undefined,
  ]);
});

test("heldAt(): where the bytes lie now; nowhere once they are gone", () => {
  const store = temporaryStore();
  store.quarantine.add(file({ source: "portal" }), T0);
  store.quarantine.add(file(), T0);
  store.quarantine.gone("folder", sha("e"), T0);
  expect(heldAt(sha("e"), store)).toEqual({ held: { source: "portal", name: "a.ld" } });
  store.quarantine.gone("portal", sha("e"), T0);
  expect(heldAt(sha("e"), store)).toBeUndefined();
});

test("inChannel(), irreplaceable(): the channel's images can be had again, accepted ones cannot", () => {
  const store = withChannel();
  store.releases.accept(document(sha("b")), "folder", T0);
  expect([inChannel(sha("a"), store), inChannel(sha("b"), store)]).toEqual([true, false]);
  expect(irreplaceable(store)).toEqual([sha("b")]);
});

test("heldAt(): an image inside an archive lies there, unless it lies by itself; gone with the archive", () => {
  const store = temporaryStore();
  const image = INSIDE[PART];
  store.quarantine.add(archive(), T0);
  expect(heldAt(image, store)).toEqual({ archive: { source: "folder", name: "UC_Software.zip", sha256: ARCHIVE, unpackedBytes: 20 } });
  store.quarantine.add(file({ name: "b.ld", sha256: image }), T0);
  expect(heldAt(image, store)).toEqual({ held: { source: "folder", name: "b.ld" } });
  store.quarantine.replace("folder", { files: [], unsettled: [] }, T0 + 1);
  expect(heldAt(image, store)).toBeUndefined();
});
