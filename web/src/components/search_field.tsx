// The field that a list is searched by. What is typed lies in the URL.
import {route, setQuery} from "../router";

export function SearchField({label, hint = label, name = "q"}: {label: string; hint?: string; name?: string}) {
  return (
    <label class="grow">
      <span class="hidden">{label}</span>
      <input type="search" value={route.value.query.get(name) ?? ""} placeholder={hint}
        onInput={(event) => setQuery({[name]: event.currentTarget.value})} />
    </label>
  );
}
