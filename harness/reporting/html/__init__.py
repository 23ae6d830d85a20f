"""One offline page that shows a run: from the verdict to the very words of a reply."""
