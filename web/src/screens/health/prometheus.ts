// Reads Prometheus's text format 0.0.4, as GET /metrics has it. Source: prometheus.io, "Exposition formats".

export type Labels = Record<string, string>;

export interface Sample {
  labels: Labels;
  value: number;
}

export class Metrics {
  private readonly samples = new Map<string, Sample[]>();

  constructor(text: string) {
    for (const line of text.split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/.exec(line);
      if (!found) continue;
      const [, name, labels, value] = found as unknown as [string, string, string | undefined, string];
      const list = this.samples.get(name) ?? [];
      list.push({labels: readLabels(labels ?? ""), value: readValue(value)});
      this.samples.set(name, list);
    }
  }

  all(name: string): readonly Sample[] {
    return this.samples.get(name) ?? [];
  }

  // Of all samples with these labels.
  sum(name: string, labels: Labels = {}): number {
    return this.all(name).filter((sample) => has(sample, labels)).reduce((total, sample) => total + sample.value, 0);
  }

  // Upper bounds in seconds and how many were at most so long, of all samples with these labels.
  histogram(name: string, labels: Labels = {}): Histogram {
    const buckets = new Map<number, number>();
    for (const sample of this.all(`${name}_bucket`)) {
      if (!has(sample, labels)) continue;
      const bound = readValue(sample.labels["le"] ?? "+Inf");
      buckets.set(bound, (buckets.get(bound) ?? 0) + sample.value);
    }
    return new Histogram([...buckets.entries()].sort(([a], [b]) => a - b));
  }
}

// Cumulative buckets, shortest first.
export class Histogram {
  constructor(readonly buckets: readonly (readonly [bound: number, count: number])[]) {}

  get count(): number {
    return this.buckets.at(-1)?.[1] ?? 0;
  }

  // What came since then.
  since(before: Histogram): Histogram {
    const old = new Map(before.buckets);
    return new Histogram(this.buckets.map(([bound, count]) => [bound, Math.max(0, count - (old.get(bound) ?? 0))] as const));
  }

  // Straight between the bounds of its bucket; what is longer than the last bound is as long as that. Undefined of none.
  quantile(q: number): number | undefined {
    const total = this.count;
    if (total === 0) return undefined;
    const rank = q * total;
    let lower = 0;
    let below = 0;
    for (const [bound, count] of this.buckets) {
      if (count >= rank && count > below) {
        if (bound === Infinity) return lower;
        return lower + ((bound - lower) * Math.max(0, rank - below)) / (count - below);
      }
      if (bound !== Infinity) lower = bound;
      below = count;
    }
    return lower;
  }
}

function has(sample: Sample, labels: Labels): boolean {
  return Object.entries(labels).every(([name, value]) => sample.labels[name] === value);
}

function readValue(text: string): number {
  return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
}

const escapes: Record<string, string> = {n: "\n", "\\": "\\", '"': '"'};

function readLabels(text: string): Labels {
  const labels: Labels = {};
  for (const [, name, value] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    labels[name as string] = (value as string).replace(/\\(.)/g, (whole, escaped: string) => escapes[escaped] ?? whole);
  }
  return labels;
}
