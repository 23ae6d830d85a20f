// @ts-check
// Saving texts as files, without a server.

const KEPT_MILLISECONDS = 10_000;

/**
 * @param {string} name
 * @param {string[]} pieces
 */
export function download(name, pieces) {
  const url = URL.createObjectURL(new Blob(pieces));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // the browser reads it after the click
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MILLISECONDS);
}
