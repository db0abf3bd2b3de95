// The texts of the page around the screens; each screen has its own. Another language has exactly these: a missing one does not compile.
export const en = {
  name: "English",
  console: "Console",
  skip: "Skip to the content",
  navigation: "Screens",
  close: "Close",
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
  retry: "Try again",
  failed: (what: string) => `That did not work: ${what}`,
  notFound: "There is no such screen.",
  theme: {label: "Theme", auto: "As the system", light: "Light", dark: "Dark"},
  language: "Language",
  feed: {off: "Not watching", connecting: "Connecting…", live: "Live", lost: "Connection lost, trying again"},
  instance: (account: string, region: string) => `Account ${account} in ${region}`,
  ago: {
    now: "now",
    seconds: (n: number) => `${n} s`,
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    days: (n: number) => `${n} d`,
  },
  screens: {
    presence: "Presence",
    mqtt: "MQTT test client",
    calls: "Calls",
  },
  payload: {
    json: "JSON",
    text: "Text",
    hex: "Hex",
    bytes: (n: number) => (n < 1024 ? `${n} B` : `${(n / 1024).toFixed(1)} KB`),
  },
};

export type Texts = typeof en;
