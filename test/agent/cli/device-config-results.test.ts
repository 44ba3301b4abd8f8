import { expect, test } from "vitest";
import { configDiffSchema, configRestoreSchema, configShowSchema, configsSchema } from "../../../agent/cli/device-config-results.ts";

test.each([
  ["configsSchema", configsSchema],
  ["configShowSchema", configShowSchema],
  ["configDiffSchema", configDiffSchema],
  ["configRestoreSchema", configRestoreSchema],
])("%s: another shape is not taken for an answer", (_name, schema) => {
  expect(schema.safeParse({}).success).toBe(false);
  expect(schema.safeParse({ device: "d-1", name: 7 }).success).toBe(false);
});

test("configsSchema: what a newer agent adds does no harm, what a device lacks may be missing", () => {
  const version = { source: "backup", what: "x", since: "a", until: "b", settings: 1, restorable: false, cause: "anew", later: true };
  expect(configsSchema.parse({ device: "d-1", name: "x", versions: [version], extra: 1 }).versions[0]).toMatchObject({ cause: "anew" });
});
