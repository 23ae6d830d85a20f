// @ts-check
// Packed blocks of the page: JSON, deflated, in base64. The worker has this too.

/** @param {string} base64 */
function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let position = 0; position < text.length; position += 1) bytes[position] = text.charCodeAt(position);
  return bytes;
}

/**
 * @param {string} base64
 * @returns {Promise<string>}
 */
export async function inflated(base64) {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}
