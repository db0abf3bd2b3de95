// Who uses whom in a template, as GetTemplate's processed form has it: JSON with functions in their long form.

export interface Template {
  Resources?: Record<string, {Type?: string; DependsOn?: string | string[]; Condition?: string; DeletionPolicy?: string;
    [attribute: string]: unknown}>;
}

// One resource uses another: by which function.
export interface Use {
  from: string;
  to: string;
  how: string[]; // "Ref", "GetAtt Arn", "Sub", "DependsOn"
}

const depth_max = 100;

// "${Queue}" and "${Table.Arn}" in a text of Fn::Sub; "${!Literal}" is text.
export function namesInSub(text: string): {name: string; attribute: string}[] {
  return [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map((found) => {
    const [name = "", ...rest] = (found[1] as string).trim().split(".");
    return {name, attribute: rest.join(".")};
  });
}

type Tell = (name: string, how: string) => void;

function tellGetAtt(value: unknown, tell: Tell): void {
  const [name, ...attribute] = typeof value === "string" ? value.split(".") : Array.isArray(value) ? value : [];
  if (typeof name === "string") tell(name, `GetAtt ${attribute.filter((part) => typeof part === "string").join(".")}`.trim());
}

// Variables that the function itself gives a value are not names of resources.
function tellSub(value: unknown, tell: Tell): void {
  const [text, given] = Array.isArray(value) ? (value as unknown[]) : [value];
  if (typeof text !== "string") return;
  const own = typeof given === "object" && given !== null ? Object.keys(given) : [];
  for (const {name, attribute} of namesInSub(text)) {
    if (!own.includes(attribute ? `${name}.${attribute}` : name)) tell(name, attribute ? `GetAtt ${attribute}` : "Sub");
  }
}

function visit(value: unknown, tell: Tell, depth = 0): void {
  if (depth > depth_max || typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) visit(one, tell, depth + 1);
    return;
  }
  for (const [name, one] of Object.entries(value)) {
    if (name === "Ref" && typeof one === "string") tell(one, "Ref");
    else if (name === "Fn::GetAtt") tellGetAtt(one, tell);
    else if (name === "Fn::Sub") tellSub(one, tell);
    visit(one, tell, depth + 1);
  }
}

// In the order of the template; each pair once, and no resource's use of itself.
export function usesIn(template: Template): Use[] {
  const resources = template.Resources ?? {};
  const uses: Use[] = [];
  for (const [from, resource] of Object.entries(resources)) {
    const found = new Map<string, Set<string>>();
    const tell: Tell = (to, how) => {
      if (to === from || !Object.hasOwn(resources, to)) return;
      found.set(to, (found.get(to) ?? new Set()).add(how));
    };
    if (typeof resource !== "object" || resource === null) continue;
    for (const one of [resource.DependsOn ?? []].flat()) tell(one, "DependsOn");
    visit(resource["Properties"], tell);
    for (const [to, how] of found) uses.push({from, to, how: [...how]});
  }
  return uses;
}

// Nothing for what is no template, such as that of a stack that was never made.
export function readTemplate(text: string): Template | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Template) : undefined;
  } catch {
    return undefined;
  }
}
