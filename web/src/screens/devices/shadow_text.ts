// The desired state of a shadow as it is edited, and the update that makes of one what was typed.

export type Json = null | boolean | number | string | Json[] | {[name: string]: Json};

export function isObject(value: unknown): value is {[name: string]: Json} {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function showState(state: unknown): string {
  return JSON.stringify(state ?? {}, null, 2);
}

// What was typed, or undefined when it is no object.
export function readState(text: string): {[name: string]: Json} | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() === "" ? "{}" : text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// An update is merged into what is there, so members that go are named with null. Source: AWS IoT developer guide, "Device
// Shadow service documents". Arrays are replaced as a whole.
export function updateTo(wanted: {[name: string]: Json}, before: unknown): {[name: string]: Json} {
  const update: {[name: string]: Json} = {...wanted};
  if (!isObject(before)) return update;
  for (const [name, old] of Object.entries(before)) {
    const now = wanted[name];
    if (now === undefined) update[name] = null;
    else if (isObject(now) && isObject(old)) update[name] = updateTo(now, old);
  }
  return update;
}
