import { expect, test } from "vitest";
import { endpointAccount, endpointTls } from "../../../agent/config/door-schema.ts";

test("endpointTls: safe where nothing is said", () => {
  expect(endpointTls.parse({ port: 443, certFile: "/c", keyFile: "/k" })).toEqual({
    ...{ port: 443, certFile: "/c", keyFile: "/k" },
    ...{ oldClients: false, clientCertificates: "off" },
  });
});

test("endpointAccount: Digest, the stronger first, and no Basic in clear; the user is the site's to name", () => {
  expect(endpointAccount.parse({ user: "zug", passwordFile: "/p" })).toEqual({
    ...{ user: "zug", passwordFile: "/p" },
    ...{ basicInClear: false, digests: ["sha-256", "md5"] },
  });
  expect(endpointAccount.safeParse({ passwordFile: "/p" }).success).toBe(false);
});

test.each([
  ["a user with a colon, which Basic cannot say", { user: "a:b", passwordFile: "/p" }],
  ["a password in the settings", { user: "a", password: "x" }],
  ["no digest at all", { user: "a", passwordFile: "/p", digests: [] }],
  ["a digest that is none", { user: "a", passwordFile: "/p", digests: ["sha-1"] }],
])("endpointAccount: %s is refused", (_what, value) => expect(endpointAccount.safeParse(value).success).toBe(false));
