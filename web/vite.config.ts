import {defineConfig} from "vite";

export default defineConfig({
  base: "/_croft/console/",
  esbuild: {jsx: "automatic", jsxImportSource: "preact"},
  build: {
    target: "es2022",
    modulePreload: {polyfill: false},
    assetsInlineLimit: 0, // the page's policy takes no scripts or styles but files
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
  // `npm run dev` against a croft that runs: the page from Vite, its data from there.
  server: {proxy: {"/_croft/console/api": {target: process.env.CROFT ?? "http://127.0.0.1:4566", headers: {}}, "/mqtt": {target: "http://127.0.0.1:4566", ws: true}}},
});
