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
    path: "tables",
    title: (t) => t.screens.tables,
    icon: "M4 5h16v14H4z M4 10h16 M4 14.5h16 M10 5v14",
    load: () => import("./tables"),
  },
  {
    path: "rules",
    title: (t) => t.screens.rules,
    icon: "M4 5h16l-6 7v6l-4 2v-8z",
    load: () => import("./rules"),
  },
  {
    path: "functions",
    title: (t) => t.screens.functions,
    icon: "M5 4h3l8 16h3 M11 10 5 20",
    load: () => import("./functions"),
  },
  {
    path: "queues",
    title: (t) => t.screens.queues,
    icon: "M4 6h4v12H4z M10 6h4v12h-4z M16 12h5 M18.5 9.5 21 12l-2.5 2.5",
    load: () => import("./queues"),
  },
  {
    path: "stacks",
    title: (t) => t.screens.stacks,
    icon: "M12 4 4 8l8 4 8-4z M4 12l8 4 8-4 M4 16l8 4 8-4",
    load: () => import("./stacks"),
  },
  {
    path: "devices",
    title: (t) => t.screens.devices,
    icon: "M7 7h10v10H7z M10 3v4 M14 3v4 M10 17v4 M14 17v4 M3 10h4 M3 14h4 M17 10h4 M17 14h4",
    load: () => import("./devices"),
  },
  {
    path: "calls",
    title: (t) => t.screens.calls,
    icon: "M4 7h11l-3-3 M20 17H9l3 3",
    load: () => import("./calls"),
  },
  {
    path: "health",
    title: (t) => t.screens.health,
    icon: "M3 12h4l3-7 4 14 3-7h4",
    load: () => import("./health"),
  },
];
