"""A strict reader of Prometheus's text format 0.0.4: what it does not understand is an AssertionError.

Source: prometheus.io, "Exposition formats" and "Metric and label naming".
"""

import math
import re
import urllib.request

METRIC = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
HELP = re.compile(rf"# HELP ({METRIC}) (\S.*)")
TYPE = re.compile(rf"# TYPE ({METRIC}) (counter|gauge|histogram)")
PAIR = rf'{LABEL}="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({METRIC})(?:\{{({PAIR}(?:,{PAIR})*)\}})? (\S+)")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?|Inf)|NaN")


class Page:
    """`families` is name -> type; `samples` is (name, frozenset of labels) -> value."""

    def __init__(self, text):
        assert text.endswith("\n") and "\r" not in text
        self.families, self.help, self.samples, family = {}, {}, {}, None
        for line in text[:-1].split("\n"):
            if line.startswith("# HELP"):
                family = self.read_help(line)
            elif line.startswith("# TYPE"):
                name, kind = TYPE.fullmatch(line).groups()
                assert name == family and name not in self.families, line
                self.families[name] = kind
            else:
                self.read_sample(line, family)
        assert self.help.keys() == self.families.keys()
        for name, kind in self.families.items():
            assert (kind == "counter") == name.endswith("_total"), name
            if kind == "histogram":
                self.check_histogram(name)

    def read_help(self, line):
        name, text = HELP.fullmatch(line).groups()
        assert name not in self.help, "a family is in one piece"
        self.help[name] = text
        return name

    def read_sample(self, line, family):
        found = SAMPLE.fullmatch(line)
        assert found, line
        name, labels, value = found.groups()
        kind = self.families[family]
        suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        assert name in [family + suffix for suffix in suffixes], line
        pairs = re.findall(rf'({LABEL})="((?:[^"\\\n]|\\["\\n])*)"', labels or "")
        assert len(dict(pairs)) == len(pairs), line
        assert ("le" in dict(pairs)) == name.endswith("_bucket"), line
        assert NUMBER.fullmatch(value), line
        key = (name, frozenset(pairs))
        assert key not in self.samples, line
        self.samples[key] = float(value)
        assert kind == "gauge" or self.samples[key] >= 0, line

    def check_histogram(self, name):
        series = {}
        for (sample, labels), value in self.samples.items():
            if sample == name + "_bucket":
                bound = float(dict(labels)["le"].replace("+Inf", "inf"))
                series.setdefault(frozenset(pair for pair in labels if pair[0] != "le"), []).append((bound, value))
        assert series, name
        for labels, buckets in series.items():
            bounds, counts = zip(*sorted(buckets))
            assert list(bounds) == [bound for bound, _ in buckets], "in order"
            assert list(counts) == sorted(counts), "cumulative"
            assert math.isinf(bounds[-1]) and counts[-1] == self.samples[name + "_count", labels]
            assert (name + "_sum", labels) in self.samples

    def value(self, name, **labels):
        """0 for what has not happened yet."""
        assert re.sub("_(bucket|sum|count)$", "", name) in self.families or name in self.families, name
        return self.samples.get((name, frozenset(labels.items())), 0)

    def total(self, name):
        return sum(value for (sample, _), value in self.samples.items() if sample == name)


def fetch(croft):
    with urllib.request.urlopen(croft.endpoints["gateway"] + "/metrics", timeout=20) as answer:
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        return Page(answer.read().decode())


class Change:
    """What the numbers did since it was made."""

    def __init__(self, croft):
        self.croft, self.before = croft, fetch(croft)

    def __call__(self, name, **labels):
        return fetch(self.croft).value(name, **labels) - self.before.value(name, **labels)

    def of_all(self, name):
        """By labels: every sample of that name that moved."""
        after = fetch(self.croft)
        keys = {key for key in (*after.samples, *self.before.samples) if key[0] == name}
        moved = {key: after.samples.get(key, 0) - self.before.samples.get(key, 0) for key in keys}
        return {",".join(sorted(value for _, value in labels)): by for (_, labels), by in moved.items() if by}
