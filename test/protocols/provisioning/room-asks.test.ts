import { expect, test } from "vitest";
import { createRoomAsks } from "../../../protocols/provisioning/room-asks.ts";

test("createRoomAsks(): each is new once, and after 300 none is", () => {
  const asks = createRoomAsks();
  expect([asks.isNew("a"), asks.isNew("a"), asks.isNew("b")]).toEqual([true, false, true]);
  const more = Array.from({ length: 400 }, (_, at) => asks.isNew(`c${at}`));
  expect(more.filter(Boolean)).toHaveLength(298);
});
