import type {Reason} from "./json_tree";
import type {english} from "./texts_en";
import type {Type} from "./values";

const units = (n: number) => `${n.toLocaleString("ja", {maximumFractionDigits: 1})} キャパシティユニット`;
const took = (ms: number) => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;

const reasons: Record<Reason, (detail: string) => string> = {
  json: () => "JSONではありません。",
  twice: (name) => `名前「${name}」が二度あります。`,
  deep: () => "入れ子が深すぎます。",
  object: () => "項目はオブジェクトです: {\"名前\": 値, …}",
  array: () => "ここにはリスト […] が必要です。",
  type: (name) => (name ? `「${name}」は型ではありません。型は S、N、B、BOOL、NULL、M、L、SS、NS、BS です。`
    : "DynamoDB JSONの値は型をひとつ持つオブジェクトです: {\"S\": \"文字列\"}"),
  number: (text) => `「${text}」はDynamoDBの数値ではありません（最大38桁、1E-130から9.9E+125まで）。`,
  binary: () => "バイナリはbase64で書きます。",
  text: () => "ここには引用符で囲んだ文字列が必要です。数値も同じです: {\"N\": \"12\"}",
  truth: () => "ここには true または false が必要です。",
  null: () => "NULLは常に true です: {\"NULL\": true}",
  set: () => "セットは文字列のリストです: {\"SS\": [\"a\", \"b\"]}",
  empty: () => "セットには要素が少なくともひとつ必要です。",
  surrogate: () => "不完全な文字が含まれているため、DynamoDBには保存できません。",
};

const types: Record<Type, string> = {
  S: "文字列", N: "数値", B: "バイナリ", BOOL: "ブール値", NULL: "Null", M: "マップ", L: "リスト", SS: "文字列セット", NS: "数値セット", BS: "バイナリセット",
};

export const japanese: typeof english = {
  title: "テーブル",
  back: "すべてのテーブル",
  parts: "テーブルの内容",
  tabs: {items: "項目", partiql: "PartiQL", changes: "ライブ変更", details: "詳細"},
  summary: (items) => `${items.toLocaleString()} 項目`,
  gone: (name) => `テーブル ${name} はありません。`,
  elsewhere: (at) => `テーブルは ${at} にあります（ライブではありません）。`,
  status: {ACTIVE: "アクティブ", CREATING: "作成中", UPDATING: "更新中", DELETING: "削除中"},
  views: {KEYS_ONLY: "キーのみ", NEW_IMAGE: "新しいイメージ", OLD_IMAGE: "古いイメージ", NEW_AND_OLD_IMAGES: "新旧イメージ"},
  projections: {ALL: "すべての属性", KEYS_ONLY: "キーのみ", INCLUDE: "選択した属性"},
  list: {
    filter: "絞り込み", filterHint: "名前の一部", name: "名前", status: "ステータス", keys: "キー", items: "項目数", size: "サイズ", indexes: "インデックス",
    stream: "ストリーム", ttl: "TTL", created: "作成日時", create: "テーブルの作成",
    count: (shown, of) => (shown === of ? `${of} テーブル` : `${of} テーブル中 ${shown}`),
    emptyTitle: "まだテーブルはありません", emptyText: "テーブルは作成されるとここに表示されます。上のボタン、AWS CLI、", emptyDeploy: "またはテンプレートで作成できます:",
    noMatch: "条件に合うテーブルはありません。",
  },
  search: {
    index: "テーブルまたはインデックス", table: "テーブル", any: "任意の値", and: "から", anyScan: "任意の値（スキャン）", keyValue: (name) => `${name} の値`,
    keySecond: (name) => `${name} の上限`, sortOperator: "ソートキーの条件", attribute: "属性", operator: "条件",
    type: "型", value: "値", second: "上限", base64: "base64", addFilter: "フィルターを追加", removeFilter: "このフィルターを削除",
    options: (n) => (n > 0 ? `オプション（${n}）` : "オプション"), scan: "スキャン", query: "クエリ",
    projection: "取得する属性", projectionHint: "すべて、またはコンマ区切りの名前", limit: "ページあたりの項目数", noLimit: "1 MB", down: "降順",
    consistent: "強い整合性のある読み込み",
    types,
    operators: {
      "=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", between: "次の間", begins_with: "次で始まる", contains: "次を含む",
      "not contains": "次を含まない", exists: "存在する", "not exists": "存在しない", type: "型が次である",
    },
    wrong: {
      number: (what) => `${what} の値が数値ではありません。`, binary: (what) => `${what} の値がbase64ではありません。`,
      truth: (what) => `${what} の値は true または false です。`, name: () => "属性のないフィルターがあります。",
      index: (what) => `インデックス ${what} はこのテーブルにありません。`,
    },
  },
  items: {
    label: (table) => `${table} の項目`, reading: "読み込み中…", found: (n, done) => `${n.toLocaleString()} 項目${done ? "" : "（続きあり）"}`,
    scanned: (n) => `${n.toLocaleString()} 項目をスキャン`, units, took, notLive: "ライブではありません", readAgain: "ブラウザが遅れたため再読み込みしました",
    columns: "列", noColumns: "キー以外の属性はありません。", copyAs: "コードとしてコピー", export: "エクスポート", import: "インポート", create: "項目を作成",
    choose: "この項目を選択", chooseNone: "選択を解除", chooseAll: "表示中をすべて選択",
    deleteTitle: (n) => `${n} 項目を削除しますか？`, deleteAction: (n) => `${n} 項目を削除`, andMore: (n) => `ほか ${n} 項目`,
    noMatch: "何も見つかりませんでした。", lookOn: "続きを探す", emptyTitle: "このテーブルには項目がありません", emptyText: "項目は書き込まれるとここに表示されます。たとえば:",
  },
  item: {
    label: "項目", newTitle: "新しい項目", form: "テキストの形式", forms: {plain: "プレーンJSON", dynamo: "DynamoDB JSON"}, text: "項目のテキスト",
    save: "保存", create: "作成", duplicate: "複製", delete: "削除", deleteTitle: "この項目を削除しますか？", asCommand: "コマンド",
    notes: {saved: "保存しました", followed: "たった今変更されました"},
    moveTitle: "項目を別のキーに移しますか？", move: (from, to) => `キーが変更されました。項目は次のキーで書き込まれ\n${to}\n次のキーは削除されます\n${from}`, moveAction: "移す",
    isThere: "このキーの項目はすでにあります。何も書き込まれていません。",
    conflict: "開いたあとに、ほかの誰かがこの項目を変更しました。あなたの変更はまだ書き込まれていません。現在の内容:", goneMeanwhile: "この項目はもうありません。",
    takeTheirs: "現在の内容にする", writeOver: "自分の内容で上書き", writeAgain: "もう一度書き込む",
    notPlain: (path, type) => `「${path}」は${types[type]}（${type}）で、プレーンJSONでは表せません。この項目はDynamoDB JSONで編集してください。`,
    reasons,
  },
  code: {
    title: (operation) => `${operation} のコード`, language: "言語",
    tongues: {cli: "AWS CLI", python: "boto3", javascript: "JavaScript"},
    hint: "ここでのリクエストと同じ1ページ分です。キーは環境変数から読まれます: eval \"$(croft env)\"",
  },
  export: {
    title: "エクスポート", all: "このクエリの結果を最後まで読み込みます。", chosen: (n) => `選択した ${n} 項目。`, form: "形式", action: "エクスポート", stop: "停止",
    forms: {dynamo: "DynamoDB JSON", plain: "プレーンJSON", csv: "CSV"},
    about: {dynamo: "1行に1項目、すべての型", plain: "リスト。セットとバイナリは不可", csv: "属性ごとに1列。文字列、数値、ブール値以外はDynamoDB JSON"},
    reading: (n) => `${n} 項目を読み込みました…`, done: (n, name) => `${name} に ${n} 項目`,
    notPlain: "セットまたはバイナリを含む項目があり、プレーンJSONでは表せません。別の形式を選択してください。",
  },
  import: {
    title: (table) => `${table} へのインポート`, about: "DynamoDB JSONの行、プレーンJSON（リスト、または1行に1項目）、ヘッダー付きCSV。同じキーの項目は置き換えられます。",
    file: "ファイル", form: "形式", typed: "数値と true、false を認識する", tooLarge: (mb) => `ファイルが ${mb} MB を超えています。`,
    badCsv: "引用符で囲んだセルが閉じていません。",
    action: "インポート", stop: "停止", progress: "進行状況", written: (n) => `${n} 項目を書き込みました…`, done: (n) => `${n} 項目を書き込みました。`,
    stopped: (n) => `停止しました。${n} 項目を書き込みました。`, refused: (n) => `${n} 行が拒否されました:`, line: (n) => `${n} 行目:`,
  },
  create: {
    title: "テーブルの作成", name: "テーブル名", nameHint: "3〜255文字の英数字、_ . -", partition: "パーティションキー", sort: "ソートキー", optional: "なし",
    typeOf: (what) => `${what}の型`,
    billing: "キャパシティモード", onDemand: "オンデマンド", provisioned: "プロビジョンド", read: "読み込みユニット", write: "書き込みユニット", stream: "ストリーム",
    noStream: "なし", isProtected: "削除保護",
    global: "グローバルセカンダリインデックス", local: "ローカルセカンダリインデックス", indexName: "インデックス名", projection: "射影", attributes: "属性",
    removeIndex: "インデックスを削除",
    addGlobal: "グローバルインデックスを追加", addLocal: "ローカルインデックスを追加", localNeeds: "ローカルインデックスにはテーブルのソートキーが必要です。", action: "作成",
  },
  details: {
    title: "テーブル", status: "ステータス", partition: "パーティションキー", sort: "ソートキー", items: "項目数", size: "サイズ", capacity: "キャパシティモード",
    onDemand: "オンデマンド",
    provisioned: (read, write) => `プロビジョンド: 読み込み ${read}、書き込み ${write} ユニット`, stream: "ストリーム", streamArn: "ストリームARN",
    ttl: "有効期限（TTL）", recovery: "ポイントインタイムリカバリ",
    recoverable: (from, to) => `オン: ${from} から ${to} まで`, tags: "タグ", isProtected: "削除保護", created: "作成日時", arn: "ARN", on: "オン",
    off: "オフ",
    indexes: "インデックス", noIndexes: "このテーブルにはインデックスがありません。", index: "インデックス", kind: "種類", keys: "キー", projection: "射影",
    global: "グローバル", local: "ローカル",
    delete: "テーブルの削除", deleteTitle: "このテーブルを削除しますか？", deleteText: (name, items) => `${name}\n${items} 項目`,
    deleteIndex: "インデックスの削除", deleteIndexTitle: "このインデックスを削除しますか？",
  },
  changes: {
    label: "ライブ変更", time: "時刻", kind: "変更", key: "キー", steps: "変更内容",
    kinds: {made: "作成", changed: "変更", deleted: "削除", expired: "期限切れ"},
    large: "大きな項目です。開いて確認してください。", one: "ひとつの変更", openItem: "項目を開く", filter: "絞り込み", pause: "一時停止", resume: "再開", clear: "クリア",
    count: (n) => `${n} 件の変更`, waiting: (n) => `${n} 件待機中`, emptyTitle: "まだ変更はありません",
    emptyText: "関数、ルール、SDK、有効期限など、あらゆる書き込みが起きたときにここに表示されます。同じ項目の続けざまの変更はひとつにまとめられます。",
    noMatch: "条件に合う変更はありません。", missed: "ブラウザが遅れたため、一部の変更はこの一覧にありません。", notLive: "ここでは変更を監視できません",
    elsewhere: (at) => `テーブルは ${at} にあり、croftには変更が伝えられません。`,
  },
  partiql: {
    statement: "ステートメント", parameters: "パラメータ", parametersHint: "疑問符の値: [\"a\", 12, {\"SS\": [\"x\"]}]", run: "実行",
    runHint: "Ctrl+Enter",
    result: "結果", nothing: "完了しました。返された項目はありません。", lookOn: "まだ何も見つかっていません。", emptyTitle: "PartiQL",
    found: (n, done, used, ms) => `${n.toLocaleString()} 項目${done ? "" : "（続きあり）"} · ${units(used)} · ${took(ms)}`,
  },
};
