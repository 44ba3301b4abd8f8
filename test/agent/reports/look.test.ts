import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { brandSchema } from "../../../agent/config/brand-schema.ts";
import { lookOf } from "../../../agent/reports/look.ts";
import { temporaryFolder } from "../../store/temporary.ts";

const PNG_HEAD = Buffer.from("89504e470d0a1a0a", "hex");

test("lookOf(): name, colours, footer and the logo as it lies there now; neutral without a brand", async () => {
  const logoFile = join(temporaryFolder(), "logo.png");
  const brand = brandSchema.parse({ name: "Northwind", logoFile, footer: "Service by Northwind" });
  const plain = { name: "Northwind", primary: "#1f2328", onPrimary: "#ffffff", footer: "Service by Northwind" };
  expect(await lookOf(brand)).toEqual(plain);
  for (const bytes of [Buffer.concat([PNG_HEAD, Buffer.from("one")]), Buffer.from("ffd8ffe0", "hex")]) {
    writeFileSync(logoFile, bytes);
    expect(await lookOf(brand)).toEqual({ ...plain, logo: bytes });
  }
  expect(await lookOf(undefined)).toBeUndefined();
});

test("lookOf(): what is no picture, or far too large, is left out", async () => {
  const logoFile = join(temporaryFolder(), "logo.png");
  const brand = brandSchema.parse({ name: "Northwind", logoFile });
  for (const bytes of [Buffer.from("<svg/>"), Buffer.alloc(0), Buffer.concat([PNG_HEAD, Buffer.alloc(1024 * 1024)])]) {
    writeFileSync(logoFile, bytes);
    expect(await lookOf(brand)).not.toHaveProperty("logo");
  }
});
