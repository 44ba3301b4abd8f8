/**
 * What the author makes is read by a client that shares none of our code: the Updater of tuf-js with its own fetcher, set up
 * here as its documentation says, over a real web server. What we have made is only its input.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { expect, onTestFinished, test } from "vitest";
import { draftRoot, rotate } from "../../../firmware/channel/draft.ts";
import { saveDraft } from "../../../firmware/channel/repository.ts";
import { type Authored, authored, must, opened, publishNow, released, signWith, temporaryFolder } from "./kit.ts";

/** A plain web server over a folder: no more than GET of a file that is there. */
async function webServer(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, decodeURIComponent(request.url ?? ""))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A client that has pinned the root as it is now. */
function client(of: Authored) {
  const home = temporaryFolder();
  mkdirSync(join(home, "targets"));
  cpSync(of.rootPath, join(home, "root.json"));
  return {
    home,
    updater: (base: string): Updater =>
      new Updater({
        metadataDir: home,
        metadataBaseUrl: `${base}/metadata`,
        targetDir: join(home, "targets"),
        targetBaseUrl: `${base}/targets`,
      }),
  };
}

const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

test("an independent client takes an empty channel", async () => {
  const of = await authored();
  await expect(
    client(of)
      .updater(await webServer(of.folder))
      .refresh(),
  ).resolves.toBeUndefined();
});

test("an independent client fetches the release document and the image, to the byte", async () => {
  const of = await authored();
  const pinned = client(of);
  await released(of, "ucs-1", "the image");
  const updater = pinned.updater(await webServer(of.folder));
  const info = await updater.getTargetInfo("images/ucs-1/sip.ld");
  if (info === undefined) throw new Error("the image is not in the channel");
  const image = await updater.downloadTarget(info);
  expect(readFileSync(image, "utf8")).toBe("the image");
  const document = await updater.getTargetInfo("releases/ucs-1.json");
  if (document === undefined) throw new Error("the document is not in the channel");
  const read = JSON.parse(readFileSync(await updater.downloadTarget(document), "utf8"));
  expect(read).toMatchObject({ id: "ucs-1", images: [{ sha256: sha256(image), sizeBytes: 9 }] });
});

test("an independent client takes the channel from a copy of the two folders, as a stick carries it", async () => {
  const of = await authored();
  const pinned = client(of);
  await released(of, "ucs-1");
  const stick = temporaryFolder();
  for (const part of ["metadata", "targets"]) cpSync(join(of.folder, part), join(stick, part), { recursive: true });
  const updater = pinned.updater(await webServer(stick));
  expect(await updater.getTargetInfo("releases/ucs-1.json")).toBeDefined();
});

test("an independent client follows every rotation from the root it pinned first", async () => {
  const of = await authored();
  const pinned = client(of);
  const base = await webServer(of.folder);
  let [keys, rootKeys] = [of.keys, of.keys.root];
  for (const role of ["timestamp", "snapshot", "targets", "root"] as const) {
    const repository = await opened(of);
    const replace = role === "root" ? [rootKeys[2]?.id ?? ""] : [];
    const { root, targets, made } = must(rotate(repository, role, replace, Date.now()));
    await saveDraft(of.folder, { root, ...(targets === undefined ? {} : { targets }) });
    await signWith(of, "root", rootKeys.slice(0, 2));
    const before = keys;
    keys = { ...keys, [role]: role === "root" ? [...rootKeys.slice(0, 2), ...made] : made };
    rootKeys = keys.root;
    if (role === "targets") await signWith(of, "targets", keys.targets);
    must(await publishNow(of, { keys: [...before.snapshot, ...before.timestamp, ...keys.snapshot, ...keys.timestamp] }));
    await expect(pinned.updater(base).refresh()).resolves.toBeUndefined();
  }
  const held = JSON.parse(readFileSync(join(pinned.home, "root.json"), "utf8"));
  expect(held.signed.version).toBe(5);
  await released({ ...of, keys }, "ucs-after");
  expect(await pinned.updater(base).getTargetInfo("releases/ucs-after.json")).toBeDefined();
});

test("an independent client refuses what one root key alone has signed", async () => {
  const of = await authored();
  const pinned = client(of);
  const base = await webServer(of.folder);
  const root = draftRoot(await opened(of), Date.now());
  await saveDraft(of.folder, { root });
  await signWith(of, "root", of.keys.root.slice(0, 1));
  expect(await publishNow(of)).toMatchObject({ ok: false, fault: { kind: "unsigned" } });
  writeFileSync(join(of.folder, "metadata", "2.root.json"), readFileSync(join(of.folder, "draft", "root.json")));
  await expect(pinned.updater(base).refresh()).rejects.toThrow(/root was signed by 1\/2 keys/);
});
