// The title of one of a screen's things, with the way back to all of them; beside it what is done with it.
import type {ComponentChildren} from "preact";
import {follow, href} from "../router";
import "./heading.css";

export function Heading({screen, all, name, children}: {
  screen: string; all: string; name: string; children?: ComponentChildren;
}) {
  return (
    <header class="heading">
      <h1>
        <a href={href(screen)} onClick={follow}>
          {all}
        </a>{" "}
        <span aria-hidden="true">/</span> <bdi>{name}</bdi>
      </h1>
      {children}
    </header>
  );
}

// For a screen whose title is the thing's alone: before it, in a header of the class "heading".
export function Back({screen, text}: {screen: string; text: string}) {
  return (
    <a href={href(screen)} onClick={follow} class="heading-back">
      {`← ${text}`}
    </a>
  );
}
