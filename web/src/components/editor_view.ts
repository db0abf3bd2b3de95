// CodeMirror, as the console uses it. A chunk of its own: components/editor.tsx loads it.
import {closeBrackets, closeBracketsKeymap} from "@codemirror/autocomplete";
import {defaultKeymap, history, historyKeymap} from "@codemirror/commands";
import {bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting, type LanguageSupport} from "@codemirror/language";
import {lintGutter, setDiagnostics} from "@codemirror/lint";
import {highlightSelectionMatches, searchKeymap} from "@codemirror/search";
import {Compartment, EditorState} from "@codemirror/state";
import {drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder} from "@codemirror/view";
import {tags} from "@lezer/highlight";
import {Echoes} from "./echoes";
import type {EditorLanguage, Mark} from "./editor";

const loaders: Record<EditorLanguage, () => Promise<LanguageSupport | undefined>> = {
  text: () => Promise.resolve(undefined),
  json: async () => (await import("@codemirror/lang-json")).json(),
  yaml: async () => (await import("@codemirror/lang-yaml")).yaml(),
  python: async () => (await import("@codemirror/lang-python")).python(),
  javascript: async () => (await import("@codemirror/lang-javascript")).javascript({typescript: true}),
  sql: async () => {
    const {SQLDialect, sql} = await import("@codemirror/lang-sql");
    // What IoT SQL and PartiQL have for words; names of fields may have any letter.
    const dialect = SQLDialect.define({
      keywords:
        "select value from where and or not in exists as case when then else end insert into update set remove delete " +
        "returning all old new modified between is missing null like",
      builtin: "topic clientid timestamp principal traceid begins_with contains attribute_type size list_append set_add set_delete",
      doubleQuotedStrings: false,
      operatorChars: "*+-%<>!=&|/",
    });
    return sql({dialect});
  },
};

const colours = HighlightStyle.define([
  {tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--blue)"},
  {tag: [tags.string, tags.special(tags.string)], color: "var(--good)"},
  {tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--warm)"},
  {tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--accent)", fontWeight: "600"},
  {tag: [tags.function(tags.variableName), tags.standard(tags.name), tags.typeName], color: "var(--blue)"},
  {tag: [tags.comment, tags.meta], color: "var(--quiet)", fontStyle: "italic"},
  {tag: tags.invalid, color: "var(--bad)"},
]);

const look = EditorView.theme({
  "&": {color: "var(--ink)", backgroundColor: "var(--panel)", height: "100%", fontSize: "0.93em"},
  ".cm-scroller": {fontFamily: "var(--mono)", lineHeight: "1.5"},
  ".cm-gutters": {color: "var(--quiet)", backgroundColor: "var(--panel)", borderRight: "1px solid var(--line)"},
  ".cm-activeLine, .cm-activeLineGutter": {backgroundColor: "var(--raised)"},
  "&.cm-focused": {outline: "none"},
  ".cm-cursor": {borderLeftColor: "var(--ink)"},
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {backgroundColor: "var(--chosen)"},
  ".cm-panels, .cm-tooltip": {color: "var(--ink)", backgroundColor: "var(--panel)", border: "1px solid var(--edge)"},
  ".cm-placeholder": {color: "var(--quiet)"},
});

export interface EditorOptions {
  label: string;
  value: string;
  hint: string;
  readOnly: boolean;
  onChange: (value: string) => void;
  onRun: () => void; // Ctrl or Cmd with Enter
}

export class CodeEditor {
  private readonly view: EditorView;
  private readonly language = new Compartment();
  private readonly access = new Compartment();
  private wanted: EditorLanguage = "text";
  private readonly echoes = new Echoes();
  private isSetting = false;

  // In a shadow root CodeMirror's rules are adopted style sheets, which the page's policy allows; <style> elements it does not.
  constructor(root: ShadowRoot, options: EditorOptions) {
    const run = {key: "Mod-Enter", run: () => (options.onRun(), true)};
    this.view = new EditorView({
      root,
      parent: root,
      doc: options.value,
      extensions: [
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        highlightSelectionMatches(), lintGutter(), syntaxHighlighting(colours), look, placeholder(options.hint),
        keymap.of([run, ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({"aria-label": options.label}),
        this.language.of([]),
        this.access.of(access(options.readOnly)),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged || this.isSetting) return;
          const text = update.state.doc.toString();
          this.echoes.told(text);
          options.onChange(text);
        }),
      ],
    });
  }

  // Leaves the cursor and the history alone when it is what the editor shows already, or showed a moment ago: what is told
  // comes back later than the next key, and must not undo it.
  setValue(value: string): void {
    if (this.echoes.isOne(value)) return;
    const now = this.view.state.doc.toString();
    if (value === now) return;
    this.isSetting = true;
    this.view.dispatch({changes: {from: 0, to: now.length, insert: value}});
    this.isSetting = false;
  }

  setReadOnly(readOnly: boolean): void {
    this.view.dispatch({effects: this.access.reconfigure(access(readOnly))});
  }

  setMarks(marks: readonly Mark[]): void {
    const end = this.view.state.doc.length;
    const inside = (at: number) => Math.max(0, Math.min(at, end));
    const found = marks.map(({from, to, message}) => ({from: inside(from), to: Math.max(inside(from), inside(to)), severity: "error" as const, message}));
    this.view.dispatch(setDiagnostics(this.view.state, found));
  }

  async setLanguage(language: EditorLanguage): Promise<void> {
    this.wanted = language;
    const support = await loaders[language]();
    if (this.wanted === language) this.view.dispatch({effects: this.language.reconfigure(support ?? [])});
  }

  destroy(): void {
    this.view.destroy();
  }
}

function access(readOnly: boolean) {
  return [EditorState.readOnly.of(readOnly), EditorView.editable.of(!readOnly), EditorView.contentAttributes.of({tabindex: "0"})]; // scrolled by keys
}
