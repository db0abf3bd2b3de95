// What is written of rules and not saved, kept while other screens are looked at.
import {signal} from "@preact/signals";
import type {Sample} from "./data";
import {draftOf, newDraft, sameDraft, type Draft, type Rule} from "./rule";

// By the rule's name, "" for the new one. Kept until it is saved or dropped.
interface Kept {
  saved: Draft;
  draft: Draft;
  sample: Sample;
}
export const emptySample: Sample = {
  topic: "plant/1/temperature", payload: '{\n  "celsius": 31.5\n}', base64: "", clientId: "", principal: "", sourceIp: "",
  userProperties: [],
};
export const drafts = signal<ReadonlyMap<string, Kept>>(new Map([["", {saved: newDraft, draft: newDraft, sample: emptySample}]]));

function keep(name: string, kept: Kept): void {
  drafts.value = new Map(drafts.peek()).set(name, kept);
}

// What croft has is told; what was written over it stays. The sample of a rule that is told first, which nobody wrote yet.
export function told(name: string, rule: Rule): Sample | undefined {
  const saved = draftOf(rule);
  const before = drafts.peek().get(name);
  if (before && sameDraft(before.saved, saved)) return undefined;
  const isWritten = before && !sameDraft(before.saved, before.draft);
  const filter = /FROM\s+'([^']*)'/i.exec(rule.sql)?.[1] ?? "";
  const topic = filter.replaceAll("+", "x").replace(/#$/, "x");
  const sample = before?.sample ?? {...emptySample, topic, payload: "{\n}"};
  keep(name, {saved, draft: isWritten ? before.draft : saved, sample});
  return before ? undefined : sample;
}

export function write(name: string, change: Partial<Draft>): void {
  const kept = drafts.peek().get(name);
  if (kept) keep(name, {...kept, draft: {...kept.draft, ...change}});
}

export function trySample(name: string, change: Partial<Sample>): void {
  const kept = drafts.peek().get(name);
  if (kept) keep(name, {...kept, sample: {...kept.sample, ...change}});
}

// What croft has now. What was written while it was on its way is not saved.
export function settled(name: string, saved: Draft): void {
  const kept = drafts.peek().get(name);
  if (kept) keep(name, {...kept, saved});
}

export function drop(name: string): void {
  const kept = drafts.peek().get(name);
  if (kept) keep(name, {...kept, draft: kept.saved});
}

export function forget(name: string): void {
  const left = new Map(drafts.peek());
  if (name === "") left.set("", {saved: newDraft, draft: newDraft, sample: emptySample});
  else left.delete(name);
  drafts.value = left;
}
