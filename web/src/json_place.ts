// Where a text stops being JSON, for who writes it: browsers no longer tell the place. Source: RFC 8259.
const token = /[{}[\],:]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|true|false|null/y;
const space = /[ \t\r\n]*/y;

// The offset of the first token that may not stand there; undefined when the text is JSON.
export function jsonPlace(text: string): number | undefined {
  const open: string[] = [];
  let at = 0;
  let wanted = "value"; // what may come: "value", "first value" or "]", "name", "first name" or "}", ":", "," or the end
  const ended = () => (wanted = open.length > 0 ? "," : "end");
  for (;;) {
    space.lastIndex = at;
    space.exec(text);
    at = space.lastIndex;
    if (at === text.length) return wanted === "end" ? undefined : at;
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    if (found === undefined) return at;
    const isValue = /^[-\d"tfn]/.test(found);
    const inside = open.at(-1);
    if (wanted.endsWith("value") && isValue) ended();
    else if (wanted.endsWith("value") && (found === "{" || found === "[")) {
      open.push(found);
      wanted = found === "{" ? "first name" : "first value";
    } else if (wanted.endsWith("name") && found.startsWith('"')) wanted = ":";
    else if (wanted === ":" && found === ":") wanted = "value";
    else if (wanted === "," && found === ",") wanted = inside === "{" ? "name" : "value";
    else if ((wanted === "," || wanted.startsWith("first")) && ((found === "}" && inside === "{") || (found === "]" && inside === "["))) {
      open.pop();
      ended();
    } else return at;
    at += found.length;
  }
}
