import { expect, test } from "vitest";
import { toldOf } from "../../../agent/threads/depot-events.ts";
import { Bug } from "../../../protocols/core/fault.ts";

test("toldOf(): the beginning and the end of a transfer are told, what is between stays in the thread", () => {
  expect(toldOf({ kind: "imageStarted", token: "t", address: "127.0.0.9" }, 1)).toEqual({
    ...{ kind: "imageStarted", token: "t", address: "127.0.0.9" },
  });
  expect(toldOf({ kind: "imageDelivered", token: "t", complete: true, sentBytes: 7 } as Parameters<typeof toldOf>[0], 1)).toEqual({
    ...{ kind: "imageDelivered", token: "t", complete: true },
  });
  expect(toldOf({ kind: "imageProgress", token: "t", sentBytes: 5 }, 1)).toBeUndefined();
  expect(toldOf({ kind: "imageSent", token: "t", bytes: 7 }, 1)).toEqual({ kind: "imageSent", token: "t", bytes: 7 });
});

test("toldOf(): a bug of the endpoint is one of the thread", () => {
  expect(() => toldOf({ kind: "bug", error: new Bug("broken") } as Parameters<typeof toldOf>[0], 1)).toThrow("broken");
});
