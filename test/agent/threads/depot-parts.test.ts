/** Parts of downloads, as the depot thread gives them up. */
import { createHash } from "node:crypto";
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DepotData, DepotEvent, DepotRequests, OfferOrder } from "../../../agent/threads/depot-requests.ts";
import type { Mac, Sha256 } from "../../../protocols/core/ids.ts";
import { temporaryFolder } from "../../store/temporary.ts";
import { CLOCK, worker } from "./kit.ts";

const ORDER: Omit<OfferOrder, "sha256"> = {
  token: "t-1",
  mac: "64167f000001" as Mac,
  release: "ucs-1",
  imageName: "a.ld",
  partNumbers: ["3111-48840-001"],
};

async function depot(changes: Partial<DepotData> & Pick<DepotData, "depotFolder">) {
  const data: DepotData = { clock: CLOCK, agentVersion: "0.1.0", budgetBytes: 1e9, stagingBytesPerSecond: 1e9, ...changes };
  return worker<DepotRequests, DepotEvent>("depot", data);
}

test("dropAgedParts: old parts go, but for those that are wanted, and those of phones' own images", async () => {
  const depotFolder = join(temporaryFolder(), "depot");
  const { thread } = await depot({ depotFolder });
  const [old, wanted, run, young] = ["1", "2", "3", "4"].map((digit) => digit.repeat(64)) as [Sha256, Sha256, Sha256, Sha256];
  for (const sha256 of [old, wanted, run, young]) writeFileSync(join(depotFolder, "partial", sha256), "part");
  for (const sha256 of [old, wanted, run]) utimesSync(join(depotFolder, "partial", sha256), 1_000, 1_000);
  await thread.ask("stand", { images: [{ ...ORDER, sha256: run, held: false }], ended: [], whole: true });
  expect(await thread.ask("dropAgedParts", { wanted: [wanted] })).toEqual({
    ok: true,
    value: [{ where: "depot", name: old, bytes: 4, touchedAtMs: 1_000_000, why: "old" }],
  });
  expect(readdirSync(join(depotFolder, "partial")).toSorted()).toEqual([wanted, run, young]);
});

test("dropAgedParts: the part of a download under way stays, however old its last byte is", async () => {
  const depotFolder = join(temporaryFolder(), "depot");
  const folder = temporaryFolder();
  const file = Buffer.alloc(300_000, 7);
  writeFileSync(join(folder, "a.ld"), file);
  const documentsFolder = join(temporaryFolder(), "documents");
  const sources = { quarantineFolder: join(temporaryFolder(), "q"), quarantineBudgetBytes: 1e6, documentsFolder, folder };
  // At this pace the file takes a minute.
  const { thread } = await depot({ depotFolder, stagingBytesPerSecond: 5_000, sources });
  const sha256 = createHash("sha256").update(file).digest("hex") as Sha256;
  const part = join(depotFolder, "partial", sha256);
  writeFileSync(part, file.subarray(0, 1_000));
  utimesSync(part, 1_000, 1_000);
  const stop = new AbortController();
  const image = { target: "a.ld", partNumbers: [], sizeBytes: file.length, sha256 };
  const staging = thread.ask("stage", { image, pinned: [], held: { source: "folder", name: "a.ld" } }, stop.signal);
  expect(await thread.ask("dropAgedParts", { wanted: [] })).toEqual({ ok: true, value: [] });
  stop.abort(new Error("enough"));
  await expect(staging).rejects.toThrow();
  expect(readdirSync(join(depotFolder, "partial"))).toEqual([sha256]);
});
