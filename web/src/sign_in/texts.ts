import {inBothLanguages} from "../i18n";

export const texts = inBothLanguages(
  {
    title: "Sign in",
    again: "Your session has ended. Sign in to go on where you were.",
    name: "Name",
    password: "Password",
    wrong: "The name or the password is wrong.",
    busy: "Many people sign in at this moment.",
    tooMany: (seconds: number) => `Too many tries. The next one is looked at in ${seconds} s.`,
    failed: (what: string) => `That did not work: ${what}`,
    noUsersTitle: "Nobody can sign in yet",
    noUsers: "Beyond the machine it runs on, croft's console is for people with a name and a password. On croft's machine, run:",
    goOn: "Then go on here.",
    check: "Go on",
  },
  {
    title: "サインイン",
    again: "セッションが終了しました。サインインすると、元の画面に戻ります。",
    name: "ユーザー名",
    password: "パスワード",
    wrong: "ユーザー名またはパスワードが正しくありません。",
    busy: "サインインが混み合っています。",
    tooMany: (seconds: number) => `試行回数が多すぎます。${seconds} 秒後に再試行できます。`,
    failed: (what: string) => `処理できませんでした: ${what}`,
    noUsersTitle: "サインインできるユーザーがまだいません",
    noUsers: "このマシンの外からコンソールを使うには、ユーザー名とパスワードが必要です。croft が動いているマシンで次を実行してください。",
    goOn: "実行したら、ここで続行してください。",
    check: "続行",
  },
);
