import { expect, test } from "vitest";
import { matching } from "../../store/device-filter.ts";
import { deviceId } from "./temporary.ts";

test("matching(): only what is asked becomes part of the statement", () => {
  expect(matching({})).toEqual({ where: "", values: {} });
  expect(matching({ family: "switch", limit: 5 })).toEqual({ where: "where family = @family", values: { family: "switch" } });
  expect(matching({ adopted: true, retired: false, after: deviceId(3) })).toEqual({
    where: "where adopted = @adopted and (retired_at_ms is not null) = @retired and id > @after",
    values: { adopted: true, retired: false, after: deviceId(3) },
  });
});
