import { expect, test } from "vitest";
import { seededRandom } from "../../protocols/core/random.ts";
import { mutated } from "./mutate.ts";
import { TARGETS } from "./targets.ts";

const COUNT = 20_000;

test.each(Object.entries(TARGETS))(`fuzz: ${COUNT} spoiled messages of %s are read without an exception`, (_name, { samples, read }) => {
  const random = seededRandom(20_261_122);
  for (let index = 0; index < COUNT; index++) {
    const bytes = mutated(samples[random.below(samples.length)] as Buffer, random);
    try {
      read(bytes);
    } catch (error) {
      throw new Error(`message ${index} (${bytes.subarray(0, 500).toString("base64")}) threw`, { cause: error });
    }
  }
});

test("mutated(): the same seed gives the same bytes, and most differ from the sample", () => {
  const sample = Buffer.from("INVITE sip:1001@pbx.example SIP/2.0");
  const story = (seed: number): string[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 200 }, () => mutated(sample, random).toString("hex"));
  };
  expect(story(1)).toEqual(story(1));
  expect(story(1)).not.toEqual(story(2));
  expect(story(1).filter((hex) => hex !== sample.toString("hex")).length).toBeGreaterThan(180);
});
