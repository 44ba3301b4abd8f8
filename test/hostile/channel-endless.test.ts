/**
 * Attacks on a reader's time and memory: data without end, answers that trickle. Each is ended, and refused by its name.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { demoReleases } from "../../fixtures/channel/releases.ts";
import { channel, never, outcome, SMALL } from "../firmware/sources/kit.ts";
import { endless, type Stand, stand, standingClock, trickling } from "./channel-stand.ts";

const documentPath = async (under: Stand): Promise<string> => {
  await outcome(under.reader());
  return under.server.requests.find(({ path }) => path.startsWith("/targets/releases/"))?.path ?? "";
};
const ROLE_FILES = ["/metadata/2.root.json", "/metadata/timestamp.json", "/metadata/2.snapshot.json", "/metadata/2.targets.json"];

test.each(ROLE_FILES)("endless data: %s that never ends is refused as oversized", async (path) => {
  const under = await stand("server");
  under.answers.set(path, endless);
  expect(await outcome(under.reader())).toBe("oversized");
});

test("endless data: a document that never ends is refused alone", async () => {
  const under = await stand("server");
  under.answers.set(await documentPath(under), endless);
  expect(await under.reader().read(undefined, never)).toMatchObject({
    ok: true,
    value: { refused: [{ why: "it is longer than the channel signed" }] },
  });
});

test.each(ROLE_FILES)("endless data: %s on a stick that leads to a device is not read", async (path) => {
  const under = await stand("folder");
  const at = join(under.of.folder, path);
  if (!path.includes("root")) unlinkSync(at);
  symlinkSync("/dev/zero", at);
  expect(await outcome(under.reader())).toBe("unreachable");
});

test.each(ROLE_FILES)("slow retrieval: %s on a stick that is a pipe, in which nothing comes, is not waited for", async (path) => {
  const under = await stand("folder");
  const at = join(under.of.folder, path);
  if (!path.includes("root")) unlinkSync(at);
  execFileSync("mkfifo", [at]);
  expect(await outcome(under.reader())).toBe("unreachable");
});

test.each([...ROLE_FILES, "a document"])("slow retrieval: %s that trickles is refused as slow after 10 s on the clock", async (name) => {
  const under = await stand("server");
  const path = name === "a document" ? await documentPath(under) : name;
  const { answer, asked } = trickling();
  under.answers.set(path, answer);
  const clock = standingClock();
  const reading = outcome(under.reader({ clock }));
  await asked;
  await clock.advance(10_000);
  expect(await reading).toBe("slow");
});

test("slow retrieval: many files, each just quick enough, end after 15 min on the clock", async () => {
  const [release] = demoReleases(SMALL);
  const many = Array.from({ length: 120 }, (_, at) => ({ doc: { ...release?.doc, id: `r-${at}` }, images: release?.images ?? [] }));
  const under = await stand("server", await channel({ version: 2, releases: many }));
  const clock = standingClock();
  let asks = Promise.withResolvers<() => void>();
  const folder = join(under.of.folder, "targets/releases");
  for (const name of readdirSync(folder))
    under.answers.set(`/targets/releases/${name}`, (response) => asks.resolve(() => void response.end(readFileSync(join(folder, name)))));
  const reading = outcome(under.reader({ clock })).then((said) => ({ said }));
  let answered = 0;
  for (;;) {
    const next = await Promise.race([reading, asks.promise]);
    if ("said" in next) {
      expect(next.said).toBe("slow");
      break;
    }
    answered++;
    asks = Promise.withResolvers();
    await clock.advance(9_000);
    next();
  }
  expect(answered).toBe(100);
});
