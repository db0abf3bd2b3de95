// Comma-separated values as RFC 4180 says, with what people's files have besides: a byte order mark, lone line feeds.
export interface CsvRow {
  line: number; // on which it begins
  cells: string[];
}

export class CsvError extends Error {
  constructor(readonly line: number) {
    super(`line ${line}`);
  }
}

// Rows with at least one cell that is not empty. Throws CsvError where a quoted cell does not end, or goes on behind its end.
export function* readCsv(text: string): Generator<CsvRow> {
  let at = text.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const row: CsvRow = {line, cells: []};
    for (;;) {
      let cell = "";
      if (text[at] === '"') {
        const began = line;
        for (++at; ; ++at) {
          const end = text.indexOf('"', at);
          if (end < 0) throw new CsvError(began);
          cell += text.slice(at, end);
          at = end + 1;
          if (text[at] !== '"') break;
          cell += '"';
        }
        line += cell.split("\n").length - 1;
        if (at < text.length && !",\r\n".includes(text[at] as string)) throw new CsvError(line);
      } else {
        const end = /[,\r\n]|$/g;
        end.lastIndex = at;
        const stop = end.exec(text)?.index ?? text.length;
        cell = text.slice(at, stop);
        at = stop;
      }
      row.cells.push(cell);
      if (text[at] !== ",") break;
      ++at;
    }
    if (text.startsWith("\r\n", at)) at += 2;
    else if (at < text.length) ++at;
    ++line;
    if (row.cells.some((cell) => cell !== "")) yield row;
  }
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]|^\s|\s$|^\ufeff/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}
