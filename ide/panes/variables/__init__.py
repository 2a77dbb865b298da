"""The variables pane: names, types, shapes, previews."""
