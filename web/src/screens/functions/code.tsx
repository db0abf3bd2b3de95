// The files of a function's package, to be read.
import {useEffect, useState} from "preact/hooks";
import {Editor, type EditorLanguage} from "../../components/editor";
import {Failure} from "../../components/failure";
import {route, setQuery} from "../../router";
import {packageOf} from "./data";
import {texts} from "./texts";
import {contentOf, filesOf, textOf, type ZipFile} from "./zip";

const shown_max = 512 * 1024;
const listed_max = 2000;

interface Package {
  bytes: Uint8Array;
  files: ZipFile[];
}

function languageOf(name: string): EditorLanguage {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  if (["js", "mjs", "cjs", "ts"].includes(ending)) return "javascript";
  if (ending === "py") return "python";
  if (ending === "json") return "json";
  return ending === "yml" || ending === "yaml" ? "yaml" : "text";
}

// The file of the handler, "src/index.handler": its first name is what a person looks for.
function firstFile(files: ZipFile[], handler: string): string {
  const module = handler.slice(0, handler.lastIndexOf(".")).replace(/^\.\//, "");
  const of = (stem: string) => files.find(({name}) => name.slice(0, name.lastIndexOf(".")) === stem && /\.(py|js|mjs|cjs|ts)$/.test(name));
  return (of(module) ?? of(module.replaceAll(".", "/")) ?? files[0])?.name ?? "";
}

function Content({whole, file}: {whole: Package; file: ZipFile}) {
  const t = texts.value;
  const [state, setState] = useState<{name: string; text: string | undefined; failure: unknown}>({name: "", text: undefined, failure: undefined});
  const isCut = file.bytes > shown_max;
  useEffect(() => {
    let over = false;
    contentOf(whole.bytes, file, shown_max).then(
      (content) => over || setState({name: file.name, text: textOf(content, isCut), failure: undefined}),
      (failure: unknown) => over || setState({name: file.name, text: undefined, failure}),
    );
    return () => {
      over = true;
    };
  }, [whole, file]);
  if (state.name !== file.name) return null;
  if (state.failure !== undefined) return <Failure of={state.failure} />;
  if (state.text === undefined) return <p class="notice">{t.binary(t.bytes(file.bytes))}</p>;
  return (
    <>
      <Editor key={file.name} label={file.name} value={state.text} language={languageOf(file.name)} readOnly size="large" />
      {isCut && <p class="quiet-text">{t.tooLong}</p>}
    </>
  );
}

export function Code({name, handler, sha}: {name: string; handler: string; sha: string}) {
  const t = texts.value;
  const [state, setState] = useState<{whole: Package | undefined; failure: unknown}>({whole: undefined, failure: undefined});
  useEffect(() => {
    let over = false;
    packageOf(name).then(
      (bytes) => {
        if (over) return;
        try {
          setState({whole: {bytes, files: filesOf(bytes)}, failure: undefined});
        } catch (failure) {
          setState({whole: undefined, failure});
        }
      },
      (failure: unknown) => over || setState({whole: undefined, failure}),
    );
    return () => {
      over = true;
    };
  }, [name, sha]);
  const {whole, failure} = state;
  if (failure !== undefined) return <Failure of={failure} />;
  if (!whole) return <p class="notice" role="status">{t.reading}</p>;
  const chosen = route.value.query.get("file") ?? firstFile(whole.files, handler);
  const file = whole.files.find((one) => one.name === chosen) ?? whole.files[0];
  return (
    <div class="functions-code">
      <nav class="panel functions-files" aria-label={t.files}>
        <p class="quiet-text">{t.package(t.bytes(whole.bytes.length), whole.files.length)}</p>
        <ul>
          {whole.files.slice(0, listed_max).map((one) => (
            <li key={one.name}>
              <button type="button" class="quiet" aria-current={one === file ? "true" : undefined} title={t.bytes(one.bytes)} onClick={() => setQuery({file: one.name})}>
                <bdi>{one.name}</bdi>
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div class="functions-file">{file && <Content whole={whole} file={file} />}</div>
    </div>
  );
}
