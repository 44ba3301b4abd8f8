/**
 * A strict reader of Prometheus' text format. Source: Prometheus, "Exposition formats", text format 0.0.4: what it leaves
 * open to a lenient reader (a type after its samples, a name twice, samples of two metrics mixed) is an error here.
 */

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadMetric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary" | "untyped";
  readonly help: string;
  readonly samples: readonly ReadSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|(?=\}))/;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Inf)|NaN)$/;
const SUFFIXES = { histogram: ["_bucket", "_sum", "_count"], summary: ["", "_sum", "_count"] } as const;

/** Throws with the number of the first line that is wrong. */
export function readExposition(text: string): readonly ReadMetric[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const metrics = new Map<string, { name: string; type?: ReadMetric["type"]; help?: string; samples: ReadSample[] }>();
  const seen = new Set<string>();
  let current: string | undefined;
  const enter = (name: string, fail: (why: string) => never) => {
    if (name !== current && metrics.has(name)) fail(`"${name}" appears in two places`);
    current = name;
    const known = metrics.get(name) ?? { name, samples: [] };
    metrics.set(name, known);
    return known;
  };
  text
    .slice(0, -1)
    .split("\n")
    .forEach((line, i) => {
      const fail = (why: string): never => {
        throw new Error(`line ${i + 1}: ${why}: ${line}`);
      };
      if (line === "") return;
      const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
      if (comment !== null) {
        const metric = enter(comment[2] as string, fail);
        if (metric.samples.length > 0) fail("it follows its own samples");
        if (comment[1] === "HELP") {
          if (metric.help !== undefined) fail("a second HELP");
          metric.help = comment[3] as string;
        } else {
          if (metric.type !== undefined) fail("a second TYPE");
          if (!/^(counter|gauge|histogram|summary|untyped)$/.test(comment[3] as string)) fail("no such type");
          metric.type = comment[3] as ReadMetric["type"];
        }
        return;
      }
      if (line.startsWith("#")) fail("a comment that is neither HELP nor TYPE");
      const sample = readSample(line, fail);
      const owner = ownerOf(sample.name, current === undefined ? undefined : metrics.get(current));
      if (owner === undefined) fail("a sample outside its metric");
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) fail("the same series twice");
      seen.add(key);
      metrics.get(owner as string)?.samples.push(sample);
    });
  return [...metrics.values()].map(({ name, type, help, samples }) => {
    if (type === undefined || help === undefined) throw new Error(`${name}: no TYPE or no HELP`);
    const metric = { name, type, help, samples };
    if (type === "histogram") checkHistogram(metric);
    if (type === "counter" && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name}: a counter below zero`);
    return metric;
  });
}

function readSample(line: string, fail: (why: string) => never): ReadSample {
  const name = NAME.exec(line)?.[0] ?? fail("no name");
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    for (let match = LABEL.exec(rest); match !== null; match = LABEL.exec(rest)) {
      const [whole, label, value] = match as unknown as [string, string, string];
      if (label.startsWith("__")) fail("a label reserved for the server");
      if (label in labels) fail("a label twice");
      labels[label] = value.replaceAll(/\\(["\\n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
      rest = rest.slice(whole.length);
    }
    if (!rest.startsWith("}")) fail("labels that do not end");
    rest = rest.slice(1);
  }
  if (!rest.startsWith(" ")) fail("no space before the value");
  const value = rest.slice(1);
  if (!NUMBER.test(value)) fail("no number");
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

/** The name of the metric the sample belongs to, where that is the current one. */
function ownerOf(name: string, current: { readonly name: string; readonly type?: ReadMetric["type"] } | undefined): string | undefined {
  if (current === undefined) return undefined;
  const { type } = current;
  const suffixes = type === "histogram" || type === "summary" ? SUFFIXES[type] : [""];
  return suffixes.some((suffix) => `${current.name}${suffix}` === name) ? current.name : undefined;
}

function checkHistogram({ name, samples }: { readonly name: string; readonly samples: readonly ReadSample[] }): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...rest } }) => JSON.stringify(Object.entries(rest).sort()));
  for (const [labels, group] of series) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const ends = buckets.map(({ labels: { le } }) => Number((le ?? "").replace("Inf", "Infinity")));
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    if (ends.some((end, i) => Number.isNaN(end) || (i > 0 && end <= (ends[i - 1] as number))))
      throw new Error(`${name}${labels}: buckets out of order`);
    if (buckets.some(({ value }, i) => i > 0 && value < (buckets[i - 1] as ReadSample).value))
      throw new Error(`${name}${labels}: buckets shrink`);
    if (ends.at(-1) !== Infinity || buckets.at(-1)?.value !== count) throw new Error(`${name}${labels}: +Inf is not the count`);
    if (!group.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name}${labels}: no sum`);
  }
}
