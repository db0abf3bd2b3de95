// The screens, in the order of the navigation. One row and one file each: see docs/console.md.
import type {ComponentType} from "preact";
import type {Texts} from "../i18n/en";

export interface Screen {
  path: string; // in the URL
  title: (texts: Texts) => string;
  icon: string; // the path of a 24 by 24 drawing
  load: () => Promise<{default: ComponentType}>;
}

export const screens: Screen[] = [
  {
    path: "presence",
    title: (t) => t.screens.presence,
    icon: "M4 19h3v-6H4zM10.5 19h3V5h-3zM17 19h3v-9h-3z",
    load: () => import("./presence"),
  },
  {
    path: "mqtt",
    title: (t) => t.screens.mqtt,
    icon: "M4 5h16v11H9l-5 4z M8 9h8 M8 12h5",
    load: () => import("./mqtt"),
  },
  {
    path: "calls",
    title: (t) => t.screens.calls,
    icon: "M4 7h11l-3-3 M20 17H9l3 3",
    load: () => import("./calls"),
  },
];
