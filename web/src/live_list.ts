// A list that is read whole and then kept by what the feed tells. The answer that brings the whole list may be older than what
// the feed tells while it is under way: those rows are put behind it, not lost under it.
export class LiveList<Row> {
  rows: readonly Row[] = []; // oldest first
  private meanwhile: Row[] | null = null; // told while the list is read; null: it is not being read
  private round = 0;

  // `placeOf` grows from row to row; the last `kept` rows stay, a tenth of them of the minor ones, which push out no others.
  constructor(private readonly placeOf: (row: Row) => number, private readonly kept: number,
    private readonly isMinor: (row: Row) => boolean = () => false) {}

  // Of the feed.
  add(rows: readonly Row[]): void {
    this.meanwhile?.push(...rows);
    this.rows = this.behind(this.rows, rows);
  }

  // Takes what `get` brings, unless it fails or is asked for anew meanwhile; true if it was taken.
  async read(get: () => Promise<readonly Row[]>): Promise<boolean> {
    const mine = ++this.round;
    this.meanwhile = [];
    const whole = await get().catch(() => null);
    if (mine !== this.round) return false;
    const news = this.meanwhile;
    this.meanwhile = null;
    if (whole !== null) this.rows = this.behind(whole, news);
    return whole !== null;
  }

  private behind(rows: readonly Row[], news: readonly Row[]): readonly Row[] {
    const last = rows.at(-1);
    const from = last === undefined ? -Infinity : this.placeOf(last);
    const all = [...rows, ...news.filter((row) => this.placeOf(row) > from)];
    let tooMany = all.filter(this.isMinor).length - this.kept / 10;
    return all.filter((row) => !this.isMinor(row) || tooMany-- <= 0).slice(-this.kept);
  }
}
