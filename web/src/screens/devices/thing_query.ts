// What is typed above the list of things: `type:`, `group:` and `attribute:NAME=VALUE` are asked of AWS, other words filter what
// was read, `-word` excludes.
import type {Thing, ThingQuery} from "./iot";

export interface Search {
  asked: ThingQuery;
  words: string[];
}

export function readSearch(text: string): Search {
  const asked: ThingQuery = {type: "", group: "", attribute: "", value: ""};
  const words: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, field, value] = /^(type|group|attribute):(.+)$/.exec(word) ?? [];
    if (field === undefined || value === undefined) words.push(word.toLowerCase());
    else if (field === "attribute") [asked.attribute, asked.value] = split(value);
    else asked[field as "type" | "group"] = value;
  }
  return {asked, words};
}

function split(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

export function matches(thing: Thing, words: readonly string[]): boolean {
  const text = [thing.thingName, thing.thingTypeName ?? "", ...Object.entries(thing.attributes).map(([name, value]) => `${name}=${value}`)].join(" ").toLowerCase();
  return words.every((word) => (word.startsWith("-") && word.length > 1 ? !text.includes(word.slice(1)) : text.includes(word)));
}
