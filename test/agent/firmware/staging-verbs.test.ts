import { expect, test } from "vitest";
import { stagingVerbs } from "../../../agent/firmware/staging-verbs.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { release } from "../../firmware/waves/builders.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const one = release();
const never = new AbortController().signal;
const subject = { person: "tech@partner.example", role: "technician" } as never;

function verbs(stopped: boolean, staged: Awaited<ReturnType<Parameters<typeof stagingVerbs>[0]["releases"]["stage"]>>) {
  const store = temporaryStore();
  store.releases.saveCatalogue({ version: 1, expiresAtMs: T0 + DAY, releases: [one] }, T0);
  const done: string[] = [];
  const releases = {
    pause: () => {
      done.push("pause");
      return stopped;
    },
    resume: () => void done.push("resume"),
    stage: async () => {
      done.push("stage");
      return staged;
    },
  };
  return { done, verbs: stagingVerbs({ store, releases }) };
}

test("firmware.pause: says whether anything was under way", async () => {
  for (const stopped of [true, false]) {
    const answer = await verbs(stopped, ok([])).verbs["firmware.pause"]({ release: one.id }, subject, never);
    expect(answer).toMatchObject({ ok: true, result: { release: one.id, paused: true, stopped } });
  }
});

test("firmware.resume: lets it go, stays until it is here, and tells a fault", async () => {
  const good = verbs(false, ok(one.images));
  expect(await good.verbs["firmware.resume"]({ release: one.id }, subject, never)).toMatchObject({ ok: true });
  expect(good.done).toEqual(["resume", "stage"]);
  const bad = verbs(false, fail({ kind: "unreachable", via: "https" }));
  expect(await bad.verbs["firmware.resume"]({ release: one.id }, subject, never)).toMatchObject({ ok: false, code: "faulted" });
});

test("firmware.pause, firmware.resume: an unknown release is not found, and nothing is done", async () => {
  const { verbs: both, done } = verbs(true, ok([]));
  for (const verb of ["firmware.pause", "firmware.resume"] as const)
    expect(await both[verb]({ release: "none-1" }, subject, never)).toMatchObject({ ok: false, code: "notFound" });
  expect(done).toEqual([]);
});
