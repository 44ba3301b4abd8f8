import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openChannelFiles } from "../../../firmware/sources/channel-files.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { shutPort } from "../../support/family-io.ts";
import { type Handler, httpsDevice } from "../../support/https-device.ts";
import { never, temporaryFolder } from "./kit.ts";

function inFolder(content = "hello") {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "base", "metadata"), { recursive: true });
  writeFileSync(join(folder, "base", "metadata", "a.json"), content);
  writeFileSync(join(folder, "secret.json"), "secret");
  return openChannelFiles({ kind: "folder", folder: join(folder, "base") }, systemClock(), never);
}

async function onServer(handler: Handler) {
  const server = await httpsDevice(undefined, handler);
  onTestFinished(() => server.close());
  const url = new URL(`http://127.0.0.1:${server.port}/base/`);
  return { server, files: openChannelFiles({ kind: "url", url }, systemClock(), never) };
}

test("openChannelFiles(): a file of exactly the limit is read from a folder, one byte more is oversized", async () => {
  expect(await inFolder()("metadata/a.json", 5)).toEqual({ ok: true, value: Buffer.from("hello") });
  expect(await inFolder()("metadata/a.json", 4)).toMatchObject({ ok: false, fault: { name: "oversized", missing: false, limit: 4 } });
});

test("openChannelFiles(): what is not in the folder is missing, what cannot be read is not", async () => {
  expect(await inFolder()("metadata/b.json", 5)).toMatchObject({ ok: false, fault: { name: "unreachable", missing: true } });
  expect(await inFolder()("metadata", 100_000)).toMatchObject({ ok: false, fault: { name: "unreachable", missing: false } });
});

test.each([
  "../secret.json",
  "metadata/../../secret.json",
  "/etc/passwd",
  "",
  "a b",
  "a%2e%2e/b",
  "a\\b",
  "http://elsewhere/a",
  "a\0b",
  ".hidden",
])("openChannelFiles(): the name %j is not asked for", async (name) => {
  const { server, files } = await onServer((_request, response) => void response.end("x"));
  for (const read of [files, inFolder()])
    expect(await read(name, 100)).toMatchObject({ ok: false, fault: { name: "garbled", missing: false } });
  expect(server.requests).toEqual([]);
});

test("openChannelFiles(): over HTTP the name is asked for below the base", async () => {
  const { server, files } = await onServer((_request, response) => void response.end("hello"));
  expect(await files("metadata/1.root.json", 5)).toEqual({ ok: true, value: Buffer.from("hello") });
  expect(server.requests.map(({ path }) => path)).toEqual(["/base/metadata/1.root.json"]);
});

test.each([
  [403, true],
  [404, true],
  [302, false],
  [401, false],
  [500, false],
])("openChannelFiles(): status %i is no answer; that the file is missing: %s", async (status, missing) => {
  const { files } = await onServer((_request, response) => void response.writeHead(status, { location: "/elsewhere" }).end("hello"));
  expect(await files("a.json", 5)).toMatchObject({ ok: false, fault: { kind: "unreachable", name: "unreachable", missing } });
});

test("openChannelFiles(): a body longer than allowed is oversized", async () => {
  const { files } = await onServer((_request, response) => void response.end("hello!"));
  expect(await files("a.json", 5)).toMatchObject({ ok: false, fault: { name: "oversized", missing: false } });
});

test("openChannelFiles(): nobody at the port is no answer, and nothing is missing", async () => {
  const url = new URL(`http://127.0.0.1:${await shutPort()}/`);
  const answer = await openChannelFiles({ kind: "url", url }, systemClock(), never)("a.json", 5);
  expect(answer).toMatchObject({ ok: false, fault: { name: "unreachable", missing: false } });
});

test("openChannelFiles(): aborted it rejects with the reason", async () => {
  const reason = new Error("stop");
  const files = openChannelFiles({ kind: "folder", folder: temporaryFolder() }, systemClock(), AbortSignal.abort(reason));
  await expect(files("a.json", 5)).rejects.toBe(reason);
});
