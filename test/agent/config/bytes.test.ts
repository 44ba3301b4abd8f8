import { expect, test } from "vitest";
import { bytes } from "../../../agent/config/bytes.ts";

test.each([
  [1_000, 1_000],
  ["500MB", 500_000_000],
  ["20 GiB", 20 * 2 ** 30],
  ["64", 64],
])("bytes(): %s", (written, size) => {
  expect(bytes(1).parse(written)).toBe(size);
});

test.each(["5 XB", "-1", "1.5GB", "", "99999999999999999GB", 0])("bytes(): %s is refused in words", (written) => {
  expect(bytes(1).safeParse(written).error?.issues[0]?.message).toContain("expected at least 1 bytes");
});
