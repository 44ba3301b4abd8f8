import { expect, test } from "vitest";
import { ok } from "../../../protocols/core/fault.ts";
import { parsePlainJson } from "../../../protocols/families/json.ts";
import { decodeConfig, readConfig } from "../../../protocols/families/uc-phone-config.ts";
import { visitPhone } from "../../../protocols/families/uc-phone-visit.ts";
import { targetAt } from "../../support/family-io.ts";
import { never, phone, realIo, said } from "./kit.ts";

function answer(data: unknown): { values: unknown; unknown: readonly string[] } {
  const parsed = parsePlainJson(Buffer.from(JSON.stringify(data)));
  const decoded = parsed.ok ? decodeConfig(parsed.value) : parsed;
  if (!decoded.ok) throw new Error("expected values");
  return { values: Object.fromEntries(decoded.value.values), unknown: decoded.value.unknown };
}

test("decodeConfig(): value and source by name, in the phone's spelling and in the manual's [uc 4.7.1] [uc 4.1.7]", () => {
  for (const entry of [
    { Value: "1", Source: "config" },
    { value: 1, source: "Config" },
  ]) {
    expect(answer({ "apps.restapi.enabled": entry }).values).toEqual({ "apps.restapi.enabled": { value: "1", source: "config" } });
  }
  for (const source of ["default", "config", "web", "local", "device"]) {
    expect(answer({ p: { Value: "", Source: source } }).values).toEqual({ p: { value: "", source } });
  }
  expect(answer({ p: { Value: "x", Source: "elsewhere" } }).values).toEqual({ p: { value: "x", source: "unknown" } });
});

test("decodeConfig(): unknown names stand apart, as an object or a list [uc 4.7.1]", () => {
  for (const InvalidParams of [{ 0: "no.such", 1: "nor.this" }, ["no.such", "nor.this"]]) {
    expect(answer({ p: { Value: "1", Source: "web" }, InvalidParams })).toEqual({
      values: { p: { value: "1", source: "web" } },
      unknown: ["no.such", "nor.this"],
    });
  }
  expect(answer({ InvalidParams: 7 })).toEqual({ values: {}, unknown: [] });
});

test("decodeConfig(): another shape is garbled", () => {
  for (const data of [null, "p", ["p"]]) expect(decodeConfig(data)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("readConfig(): more than 20 names are asked in several calls, each with a list of names [uc 4.18] [uc 3a.12]", async () => {
  const device = await phone({
    "v1/mgmt/config/get": ({ body }) => {
      const names = (JSON.parse(body) as { data: string[] }).data;
      return {
        Status: names.length > 20 ? "4009" : "2000",
        data: Object.fromEntries(names.map((name) => [name, { Value: name, Source: "default" }])),
      };
    },
  });
  const names = Array.from({ length: 45 }, (_, n) => `p.${n}`);
  const read = await visitPhone(await targetAt({ https: device.port }), realIo(), never, (visit) => readConfig(visit, names));
  expect(read.ok && [...read.value.values.keys()]).toEqual(names);
  const bodies = device.requests.flatMap(({ body }) => (body === "" ? [] : [(JSON.parse(body) as { data: string[] }).data.length]));
  expect(bodies.slice(-3)).toEqual([20, 20, 5]);
});

test("readConfig(): a phone that does not know the call is off; one that answers nothing knows none of the names", async () => {
  const read = async (given: Parameters<typeof phone>[0]): Promise<unknown> =>
    visitPhone(await targetAt({ https: (await phone(given)).port }), realIo(), never, (visit) => readConfig(visit, ["p"]));
  expect(await read({})).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(await read({ "v1/mgmt/config/get": said(undefined) })).toEqual(ok({ values: new Map(), unknown: [] }));
});
