// A second of the last hour, counted while nobody looked: GET history of the console's data; src/console/history.h.
export type Second = [
  time: number, connected: number, known: number, connects: number, disconnects: number, received: number, delivered: number,
];
