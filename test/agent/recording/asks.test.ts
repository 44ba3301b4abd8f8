import { expect, test } from "vitest";
import { getAskName, httpAskName, walkAskName } from "../../../agent/recording/asks.ts";
import { Secret } from "../../../protocols/core/secret.ts";

const login = { id: "site", user: "admin", password: new Secret("canary") };

test("httpAskName(): says that there was a log-in, and nothing of it", () => {
  expect(httpAskName({ method: "GET", path: "/api", login, headers: { cookie: "session_id=canary" } }, [])).toEqual({
    path: "/api",
    method: "GET",
    login: true,
  });
});

test.each([
  '{"user":"admin","password":"canary"}',
  '{"action":"Login", "user":"admin", "newPassword" : "canary"}',
  "user=admin&passwd=canary",
  '{"odd":"canary"}',
])("httpAskName(): a log-in in a body is never written down: %s", (body) => {
  const name = httpAskName({ method: "POST", path: "/rest/session", body }, ["canary", ""]);
  expect(name).toEqual({ path: "/rest/session", method: "POST", body: { login: true } });
});

test("httpAskName(): another body is part of the name", () => {
  expect(httpAskName({ method: "POST", path: "/rest/config", body: '{"names":["a"]}' }, ["canary"])).toEqual({
    path: "/rest/config",
    method: "POST",
    body: { json: { names: ["a"] } },
  });
});

test("getAskName(), walkAskName(): the version, not the community; the order of objects is no difference", () => {
  const access = { version: "2c", community: new Secret("canary") } as const;
  expect(getAskName(access, ["1.2.3", "1.2.1"])).toEqual({ version: "2c", get: ["1.2.1", "1.2.3"] });
  expect(walkAskName(access, "1.2")).toEqual({ version: "2c", walk: "1.2" });
});
