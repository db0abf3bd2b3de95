import {defineConfig} from "vite";

// `npm run dev` and `npm run preview` against a croft that runs: the page from here, its data from there.
const croft = process.env.CROFT ?? "http://127.0.0.1:4566";
const kept = {target: croft, changeOrigin: false}; // Host stays that of the page, which Origin names: croft compares them
const proxy = {"^/_croft/(?!console/)": kept, "/_croft/console/api": kept, "/metrics": kept, "/mqtt": {...kept, ws: true}};

// A screen's chunk has the screen's name.
const screen = /\/screens\/([a-z_]+)\/index\.tsx$/;

export default defineConfig({
  base: "/_croft/console/",
  esbuild: {jsx: "automatic", jsxImportSource: "preact"},
  build: {
    target: "es2022",
    modulePreload: {polyfill: false},
    assetsInlineLimit: 0, // the page's policy takes no scripts or styles but files
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
    rollupOptions: {output: {chunkFileNames: ({facadeModuleId, name}) => `assets/${screen.exec(facadeModuleId ?? "")?.[1] ?? name}-[hash].js`}},
  },
  server: {proxy},
  preview: {proxy},
});
