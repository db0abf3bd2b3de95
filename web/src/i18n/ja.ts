import type {Texts} from "./en";

export const ja: Texts = {
  name: "日本語",
  console: "コンソール",
  skip: "本文へ移動",
  navigation: "画面",
  close: "閉じる",
  cancel: "キャンセル",
  copy: "コピー",
  copied: "コピーしました",
  retry: "再試行",
  failed: (what) => `失敗しました: ${what}`,
  notFound: "その画面はありません。",
  theme: {label: "テーマ", auto: "システムに合わせる", light: "ライト", dark: "ダーク"},
  language: "言語",
  feed: {off: "監視していません", connecting: "接続中…", live: "ライブ", lost: "接続が切れました。再接続しています"},
  instance: (account, region) => `アカウント ${account}（${region}）`,
  ago: {
    now: "今",
    seconds: (n) => `${n}秒`,
    minutes: (n) => `${n}分`,
    hours: (n) => `${n}時間`,
    days: (n) => `${n}日`,
  },
  screens: {
    presence: "プレゼンス",
    mqtt: "MQTTテストクライアント",
    calls: "API呼び出し",
  },
  payload: {
    json: "JSON",
    text: "テキスト",
    hex: "16進",
    bytes: (n) => (n < 1024 ? `${n} B` : `${(n / 1024).toFixed(1)} KB`),
  },
};
