// Rows that changed flash, by one of two equal animations, so that a change during one starts the other. A row that never
// changed did so at 0.
export function flash(changes: number, changedAt: number): string {
  return Date.now() - changedAt < 1500 ? (changes % 2 ? "flash-a" : "flash-b") : "";
}
