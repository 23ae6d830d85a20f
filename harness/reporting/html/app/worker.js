// Work that takes long, beside the page: differences of texts and searching in all of them.

onmessage = async ({ data }) => {
  try {
    if (data.kind === "diff") {
      const change = data.words ? Diff.diffWordsWithSpace : Diff.diffLines;
      const parts = change(data.before, data.after, { timeout: 1500 });
      postMessage({ id: data.id, value: parts ? parts.map(plain) : null });
    } else if (data.kind === "scan") {
      postMessage({ id: data.id, value: await scan(data) });
    }
  } catch (error) {
    postMessage({ id: data.id, error: String(error) });
  }
};

function plain({ value, added, removed }) {
  return { value, added: Boolean(added), removed: Boolean(removed) };
}

async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// Find the trials in whose texts something stands. Shared texts come first, then what refers to them.
async function scan({ start, block, wanted }) {
  const items = await unpack(block);
  const found = [];
  items.forEach((value, place) => {
    if (has(value, wanted)) found.push(start + place);
  });
  return found;
}

function has(value, wanted) {
  if (typeof value === "string") return value.toLowerCase().includes(wanted.text);
  if (Array.isArray(value)) return value.some((each) => has(each, wanted));
  if (value && typeof value === "object") {
    if ("$text" in value) return wanted.shared.has(value.$text);
    return Object.values(value).some((each) => has(each, wanted));
  }
  return false;
}
