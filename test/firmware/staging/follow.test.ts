import { expect, test } from "vitest";
import { nextUrl, openFollowing } from "../../../firmware/staging/follow.ts";
import { type Answer, bytesOf, fileServer, never, serving, status } from "./kit.ts";

const to = (location: string, code = 302): Answer => status(code, { location });

async function statusOf(url: URL): Promise<readonly [number, string]> {
  const got = await openFollowing({ url }, never);
  if (!got.ok) throw new Error(JSON.stringify(got.fault));
  got.value.body.destroy();
  return [got.value.status, got.value.url.pathname];
}

test("openFollowing(): three redirects on the same host are followed, headers kept; the fourth is the answer", async () => {
  const three = await fileServer(to("/b"), to("c", 307), to("/d", 308), serving(bytesOf(10)));
  expect(await statusOf(three.url("/a"))).toEqual([200, "/d"]);
  expect(three.paths).toEqual(["/a", "/b", "/c", "/d"]);
  const four = await fileServer(to("/b"), to("/c"), to("/d"), to("/e"), serving(bytesOf(10)));
  expect(await statusOf(four.url("/a"))).toEqual([302, "/d"]);
});

test("openFollowing(): a redirect to another host is the answer, and nobody is asked there", async () => {
  const other = await fileServer(serving(bytesOf(10)));
  const server = await fileServer(to(other.url().href));
  expect(await statusOf(server.url())).toEqual([302, "/a.ld"]);
  expect(other.asked).toEqual([]);
});

test("nextUrl(): the same origin alone: scheme, host and port", () => {
  const from = new URL("https://h.example.test/a/b");
  const next = (location: string | undefined, code = 302) =>
    nextUrl({ status: code, headers: location === undefined ? {} : { location } }, from)?.href;
  expect([next("c"), next("//h.example.test:443/x"), next("/y", 301)]).toEqual([
    "https://h.example.test/a/c",
    "https://h.example.test/x",
    "https://h.example.test/y",
  ]);
  const elsewhere = [
    "http://h.example.test/",
    "https://h.example.test:8443/",
    "//evil.test/",
    "file:///etc/passwd",
    "https://u:p@h.example.test/",
    "http://",
  ];
  expect(elsewhere.map((location) => next(location))).toEqual(elsewhere.map(() => undefined));
  expect([next(undefined), next("/x", 304), next("/x", 200)]).toEqual([undefined, undefined, undefined]);
});
