// Puts a file into the browser's downloads.
const kept_ms = 60_000; // the browser reads it when it wants

export function download(name: string, content: BlobPart[], type: string): void {
  const url = URL.createObjectURL(new Blob(content, {type}));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), kept_ms);
}
