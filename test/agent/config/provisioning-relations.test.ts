import { expect, test } from "vitest";
import { given } from "./kit.ts";

const at = (line: string) => `provisioning: { host: 127.0.0.1, port: 8080, ${line} }`;
async function found(line: string): Promise<string[]> {
  const loaded = await given([at(line)], { secret: "x" }).load();
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.filter(({ path }) => path.startsWith("provisioning")).map(({ level, path, what }) => `${level} ${path}: ${what}`);
}

test("provisioning: without a mode the agent is the boot server itself", async () => {
  const config = await given(["provisioning: { host: 127.0.0.1, port: 8080 }"]).config();
  expect(config.provisioning).toMatchObject({ mode: "own" });
});

test("provisioning: an overlay with a server, and an account of its own, is fine", async () => {
  expect(await found("mode: overlay, upstream: { url: 'http://boot.example/poly' }")).toEqual([]);
  const config = await given([at("mode: overlay, upstream: { url: 'https://boot.example/poly' }")]).config();
  expect(config.provisioning?.upstream?.url).toBe("https://boot.example/poly");
  expect(await found("mode: image-only")).toEqual([]);
});

test.each([
  ["mode: overlay", "error provisioning.upstream: is missing"],
  ["mode: proxy", "error provisioning.mode"],
  ["upstream: { url: 'http://boot.example' }", "error provisioning.upstream: mode own asks no other server"],
  ["mode: image-only, upstream: { url: 'http://boot.example' }", "error provisioning.upstream: mode image-only asks no other server"],
  ["mode: overlay, upstream: { url: 'ftp://boot.example' }", "error provisioning.upstream.url: expected"],
  ["mode: overlay, upstream: { url: 'http://u:p@boot.example' }", "error provisioning.upstream.url: holds a user or password"],
  ["mode: overlay, upstream: { url: 'http://boot.example/?a=1' }", "error provisioning.upstream.url: has more than a folder"],
  ["mode: overlay, upstream: { url: 'http://127.0.0.1:8080/poly' }", "error provisioning.upstream.url: is this endpoint itself"],
  [
    "mode: overlay, baseUrl: 'http://agent.example', upstream: { url: 'http://agent.example' }",
    "error provisioning.upstream.url: is this endpoint itself",
  ],
  [
    "mode: overlay, upstream: { url: 'http://boot.example', user: a }",
    "error provisioning.upstream.user: is of no use without passwordFile",
  ],
  [
    "mode: overlay, upstream: { url: 'http://boot.example', passwordFile: secret }",
    "error provisioning.upstream.passwordFile: is of no use without user",
  ],
  [
    "mode: overlay, upstream: { url: 'http://boot.example', caFile: secret }",
    "error provisioning.upstream.caFile: is of no use without https://",
  ],
  ["mode: overlay, upstream: { url: 'https://boot.example', caFile: nowhere }", "error provisioning.upstream.caFile: "],
])("provisioning: %s is told as %s", async (line, wanted) => {
  expect(await found(line)).toEqual([expect.stringContaining(wanted)]);
});

test("provisioning: an account of the agent's own is warned of, and of its way in clear", async () => {
  const secure = await found("mode: overlay, upstream: { url: 'https://boot.example', user: a, passwordFile: secret }");
  expect(secure).toEqual([expect.stringMatching(/^warning provisioning.upstream.user: whoever reaches the endpoint/)]);
  const clear = await found("mode: overlay, upstream: { url: 'http://boot.example', user: a, passwordFile: secret }");
  expect(clear).toContainEqual(expect.stringMatching(/^warning provisioning.upstream.url: is not encrypted/));
});
