"""Rules that judge replies: a registry and a module for each family."""
