// Who uses the console, and what they may do. On loopback nobody signs in and everything may be done.
import {computed, signal} from "@preact/signals";
import {texts} from "./i18n";

export interface About {
  region: string;
  account: string;
  who: string;
  role: "admin" | "read-only";
  signedIn?: boolean; // by name and password
}

export const about = signal<About | undefined>(undefined);

// "" while there is a session, or none is needed. "users": croft has nobody yet who could sign in.
export type Missing = "" | "session" | "users";
export const missing = signal<Missing>("");

// Whether buttons that change something can be used. croft refuses it too: this only says so before.
export const canWrite = computed(() => about.value?.role !== "read-only");

// For a button that changes something, as <button {...writes(isDisabledAnyway)}>: who may only read sees why it cannot be used.
export function writes(disabled = false): {disabled: boolean; title?: string} {
  return canWrite.value ? {disabled} : {disabled: true, title: texts.value.session.readOnlyText};
}

// Told of every answer that says 401.
export function sessionIsOver(code: string): void {
  missing.value = code === "NoUsers" ? "users" : "session";
}

// When there is a session again.
export function present(): Promise<void> {
  if (missing.peek() === "") return Promise.resolve();
  return new Promise((go) => {
    const stop = missing.subscribe((now) => {
      if (now !== "") return;
      queueMicrotask(() => stop());
      go();
    });
  });
}

// Another person gets a page of their own: what the one before had open is not theirs.
export function begin(person: About): void {
  const before = about.peek();
  if (before && (before.who !== person.who || before.role !== person.role)) {
    location.reload();
    return;
  }
  about.value = person;
  missing.value = "";
}
