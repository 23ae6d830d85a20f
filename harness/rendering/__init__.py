"""From trials to requests: templates, content blocks, attachments."""
