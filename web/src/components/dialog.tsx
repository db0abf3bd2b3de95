// Dialogs that the browser keeps in front of the page, with focus and Escape as people expect.
import {signal} from "@preact/signals";
import type {ComponentChildren} from "preact";
import {useEffect, useRef} from "preact/hooks";
import {texts} from "../i18n";

export function Dialog({title, onClose, children}: {title: string; onClose: () => void; children: ComponentChildren}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-label={title} onClose={onClose}>
      <header>
        <h2>{title}</h2>
        <button type="button" class="quiet" onClick={onClose}>
          {texts.value.close}
        </button>
      </header>
      {children}
    </dialog>
  );
}

export interface Question {
  title: string;
  text: string; // what goes, by name
  action: string; // what the button says
}

const asked = signal<(Question & {answer: (yes: boolean) => void}) | undefined>(undefined);

// Asks before something is lost; false when the person turns away.
export function confirm(question: Question): Promise<boolean> {
  asked.peek()?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = undefined;
        resolve(yes);
      },
    };
  });
}

// Once in the page: shows what confirm() asks.
export function Confirmation() {
  const question = asked.value;
  if (!question) return null;
  return (
    <Dialog title={question.title} onClose={() => question.answer(false)}>
      <p class="dialog-text">
        <bdi>{question.text}</bdi>
      </p>
      <div class="dialog-actions">
        <button type="button" onClick={() => question.answer(false)}>
          {texts.value.cancel}
        </button>
        <button type="button" class="danger" onClick={() => question.answer(true)}>
          {question.action}
        </button>
      </div>
    </Dialog>
  );
}
