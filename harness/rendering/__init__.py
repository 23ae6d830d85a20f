"""From trials to what is sent: templates, content blocks, attachments."""
