// An editor for code and documents. Until CodeMirror has come it is a text area with the same text, which works, too.
import {useEffect, useRef, useState} from "preact/hooks";
import type {CodeEditor} from "./editor_view";

export type EditorLanguage = "json" | "sql" | "yaml" | "python" | "javascript" | "text";

// A place in the text that is wrong, in UTF-16 units.
export interface Mark {
  from: number;
  to: number;
  message: string;
}

export interface EditorProps {
  label: string;
  value: string;
  onChange?: (value: string) => void;
  onRun?: () => void; // Ctrl or Cmd with Enter
  language?: EditorLanguage;
  marks?: readonly Mark[];
  hint?: string;
  readOnly?: boolean;
  size?: "line" | "small" | "large"; // how high: two lines, eight, as high as there is room
}

const noMarks: readonly Mark[] = [];

export function Editor(props: EditorProps) {
  const {label, value, language = "text", marks = noMarks, hint = "", readOnly = false, size = "small"} = props;
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [editor, setEditor] = useState<CodeEditor | undefined>(undefined);
  useEffect(() => {
    let made: CodeEditor | undefined;
    let over = false;
    void import("./editor_view").then(({CodeEditor}) => {
      if (over || !place.current) return;
      made = new CodeEditor(place.current.shadowRoot ?? place.current.attachShadow({mode: "open"}), {
        label, hint, readOnly,
        value: latest.current.value,
        onChange: (text) => latest.current.onChange?.(text),
        onRun: () => latest.current.onRun?.(),
      });
      setEditor(made);
    });
    return () => {
      over = true;
      made?.destroy();
    };
  }, [label, hint]);
  useEffect(() => editor?.setValue(value), [editor, value]);
  useEffect(() => editor?.setReadOnly(readOnly), [editor, readOnly]);
  useEffect(() => editor?.setMarks(marks), [editor, marks]);
  useEffect(() => void editor?.setLanguage(language), [editor, language]);
  return (
    <div class={`editor editor-${size}`}>
      <div ref={place} class="editor-place" hidden={!editor} />
      {!editor && (
        <textarea aria-label={label} readOnly={readOnly} placeholder={hint} value={value} spellcheck={false}
          onInput={(event) => props.onChange?.(event.currentTarget.value)} />
      )}
    </div>
  );
}
