"""The Viewer pane: outputs that are pages, and any other output large."""
