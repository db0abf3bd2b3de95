// The values of a statement's question marks: a JSON list of plain values, or of values as DynamoDB JSON has them.
import {dynamoValue, plainValue} from "./item_text";
import {parseTree, TextError} from "./json_tree";
import {types, type Type, type Value} from "./values";

// Throws TextError. An object with one member that is called as a type is DynamoDB JSON.
export function parseParameters(text: string): Value[] {
  if (text.trim() === "") return [];
  const tree = parseTree(text);
  if (tree.kind !== "array") throw new TextError("array", tree.at, tree.end);
  return tree.items.map((one) => {
    const only = one.kind === "object" && one.members.length === 1 ? one.members[0] : undefined;
    return only && types.includes(only.name as Type) ? dynamoValue(one) : plainValue(one);
  });
}
