/** Which headers pass the gateway, and which requests do not. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { forwardHeaders, valuesOf, whyNotForwarded, withoutHeaders } from "../../../protocols/provisioning/forward-headers.ts";

test("withoutHeaders(): what is of one connection goes, all else stays as written and in its order", () => {
  const raw = ["X-A", "1", "Connection", "x-b, close", "X-B", "2", "KEEP-ALIVE", "5", "x-a", "3", "Upgrade", "h2c", "TE", "trailers"];
  expect(withoutHeaders(raw)).toEqual(["X-A", "1", "x-a", "3"]);
  expect(withoutHeaders(raw, ["x-a"])).toEqual([]);
});

test("withoutHeaders(): nobody can have a length taken away by naming it as of one connection", () => {
  expect(withoutHeaders(["Connection", "content-length", "Content-Length", "3"])).toEqual(["Content-Length", "3"]);
});

test("forwardHeaders(): the chain of addresses grows, the host is the customer's, what it was is told", () => {
  const raw = ["Host", "agent", "x-forwarded-for", "192.0.2.7", "Expect", "100-continue", "Via", "1.0 fred"];
  expect(forwardHeaders({ raw, address: "192.0.2.9", host: "boot:8080" })).toEqual([
    ...["Host", "boot:8080", "Via", "1.0 fred", "X-Forwarded-For", "192.0.2.7, 192.0.2.9", "X-Forwarded-Host", "agent"],
    ...["X-Forwarded-By", "groundswell"],
  ]);
});

test("forwardHeaders(): an account is added only where there is none", () => {
  const of = (raw: readonly string[]) => valuesOf(forwardHeaders({ raw, address: "a", host: "h", account: "u:p" }), "authorization");
  expect(of([])).toEqual([`Basic ${Buffer.from("u:p").toString("base64")}`]);
  expect(of(["authorization", "Digest x"])).toEqual(["Digest x"]);
});

test("forwardHeaders(): whatever headers come, exactly one frame goes on", () => {
  const name = fc.constantFrom("Content-Length", "Transfer-Encoding", "Connection", "TE", "Host", "X-A", "Keep-Alive");
  const value = fc.constantFrom("3", "chunked", "transfer-encoding, host", "close");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (headers) => {
      const sent = forwardHeaders({ raw: headers.flat(), address: "a", host: "h" });
      expect(valuesOf(sent, "host")).toEqual(["h"]);
      expect(valuesOf(sent, "transfer-encoding").length).toBeLessThanOrEqual(1);
      for (const gone of ["connection", "te", "keep-alive"]) expect(valuesOf(sent, gone)).toEqual([]);
    }),
  );
});

const ask = (more: object = {}) => ({ method: "GET", url: "/a.cfg", httpVersion: "1.1", rawHeaders: ["Host", "x"], ...more });

test.each(["/a.cfg", "/a/b..c/x.cfg", "/..a", "/a?x=../..", "//a", "/%2e/a"])("whyNotForwarded(): %s goes on", (url) => {
  expect(whyNotForwarded(ask({ url }))).toBeUndefined();
});

test.each(["/..", "/../a", "/a/..", "/a/../b", "/%2e%2e/a", "/a%2f..%2Fb", "/a\\..\\b", "/.%2E?x", "http://a/b", "*", ""])(
  "whyNotForwarded(): %s does not",
  (url) => {
    expect(whyNotForwarded(ask({ url }))).toEqual(expect.any(String));
  },
);
