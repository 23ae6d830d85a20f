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

// Find the trials in whose texts something stands. Shared texts come first, then what refers to them.
// A block is read item by item only if it may hold something.
async function scan({ start, block, wanted }) {
  const text = await inflated(block);
  const written = JSON.stringify(wanted.text).slice(1, -1);
  const mayRefer = wanted.shared.size > 0 && text.includes('"$text"');
  if (!mayRefer && !text.toLowerCase().includes(written)) return [];
  const found = [];
  JSON.parse(text).forEach((value, place) => {
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
