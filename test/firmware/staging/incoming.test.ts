import { expect, test } from "vitest";
import { nextPiece, paced } from "../../../firmware/staging/incoming.ts";
import { never, notingPace } from "./kit.ts";

const URL_HERE = new URL("http://127.0.0.1:9/a.ld");

async function* oneThenBreaks(): AsyncGenerator<Buffer> {
  yield Buffer.from("a");
  throw Object.assign(new Error("gone"), { code: "ECONNRESET" });
}

async function* nothing(): AsyncGenerator<Buffer> {}

test("nextPiece(): a piece, then what broke the line", async () => {
  const pieces = oneThenBreaks();
  expect(await nextPiece(pieces, URL_HERE)).toEqual({ ok: true, value: Buffer.from("a") });
  const fault = { kind: "unreachable", via: "http", detail: "127.0.0.1:9: ECONNRESET" };
  expect(await nextPiece(pieces, URL_HERE)).toEqual({ ok: false, fault });
});

test("nextPiece(): the end is no piece; a folder has no address", async () => {
  expect(await nextPiece(nothing(), URL_HERE)).toEqual({ ok: true, value: undefined });
  const pieces = oneThenBreaks();
  await pieces.next();
  expect(await nextPiece(pieces, undefined)).toMatchObject({ ok: false, fault: { via: "depot" } });
});

test("paced(): asks for all of it, in pieces no larger than allowed, and for nothing more once it is aborted", async () => {
  const pace = notingPace(1_000);
  await paced(2_500, pace, never);
  expect(pace.taken).toEqual([1_000, 1_000, 500]);
  await paced(0, pace, never);
  await expect(paced(1, pace, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
  expect(pace.taken).toHaveLength(3);
});
