import { expect, test } from "vitest";
import { readExposition } from "./exposition.ts";

const HEAD = "# HELP a_total What.\n# TYPE a_total counter\n";

test("readExposition(): names, labels with escapes, and numbers", () => {
  expect(readExposition(`${HEAD}a_total{x="1",y="a\\"b\\\\c\\nd"} 2\na_total 1e3\n`)).toEqual([
    {
      name: "a_total",
      type: "counter",
      help: "What.",
      samples: [
        { name: "a_total", labels: { x: "1", y: 'a"b\\c\nd' }, value: 2 },
        { name: "a_total", labels: {}, value: 1_000 },
      ],
    },
  ]);
});

test.each([
  ["no line end", `${HEAD}a_total 1`, "no end"],
  ["a series twice", `${HEAD}a_total{x="1"} 1\na_total{x="1"} 2\n`, "twice"],
  ["a metric in two places", `${HEAD}a_total 1\n# HELP b B.\n# TYPE b gauge\nb 1\n# TYPE a_total counter\n`, "two places"],
  ["a type after its samples", "# HELP a A.\n# TYPE a gauge\na 1\n# TYPE a gauge\n", "follows its own samples"],
  ["a sample of nobody", `${HEAD}b_total 1\n`, "outside"],
  ["a quote that stands bare", `${HEAD}a_total{x="a"b"} 1\n`, "do not end"],
  ["a value that is no number", `${HEAD}a_total one\n`, "no number"],
  ["a counter below zero", `${HEAD}a_total -1\n`, "below zero"],
  ["no type", "# HELP a A.\na 1\n", "no TYPE"],
  ["a reserved label", `${HEAD}a_total{__x="1"} 1\n`, "reserved"],
  [
    "a histogram whose buckets shrink",
    '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    "shrink",
  ],
  ["a histogram without its end", '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n', "+Inf"],
])("readExposition(): %s is refused", (_name, text, why) => {
  expect(() => readExposition(text)).toThrow(why);
});
