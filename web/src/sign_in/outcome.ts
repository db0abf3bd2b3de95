import type {About} from "../session";

export type Outcome = {kind: "signed in"; about: About} | {kind: "wrong"} | {kind: "wait"; seconds: number; busy: boolean} | {kind: "nobody"} | {kind: "failed"; why: string};

// What croft's answer to a name and a password means; `retryAfter` is its header.
export function outcomeOf(status: number, retryAfter: string | null, body: {code?: string; message?: string}): Outcome {
  if (status === 200) return {kind: "signed in", about: body as unknown as About};
  if (status === 429) return {kind: "wait", seconds: Math.max(1, Number(retryAfter) || 1), busy: body.code === "Busy"};
  if (status === 401 && body.code === "NoUsers") return {kind: "nobody"};
  if (status === 401) return {kind: "wrong"};
  return {kind: "failed", why: body.message ?? String(status)};
}
