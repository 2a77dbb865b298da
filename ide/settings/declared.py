"""Every setting of the program, once. Reference page, dialog, validation and completion are made from this table.

Add a setting: one `Setting(...)` here, read it with `settings.get(...)` where it is used, run `python -m
tools.reference`. Rename one: put its former id into `old_names`. A change of meaning is a numbered step in
`migrations.py`.
"""

from __future__ import annotations

from typing import Any

from ide.settings.setting import Setting

SECTIONS = {
    "appearance": "Appearance",
    "editor": "Editor",
    "completion": "Completion and help",
    "console": "Console",
    "kernels": "Kernels",
    "variables": "Variables",
    "plots": "Plots",
    "files": "Files",
    "network": "Network",
    "packages": "Packages",
    "keys": "Keys",
    "window": "Window",
    "trust": "Trust",
}
"""Sections in the order in which the dialog shows them, with their titles."""

# fmt: off

# --- appearance ------------------------------------------------------------------------------------------------------

APPEARANCE_THEME = Setting(
    "appearance.theme", str, "system", "Theme", "Colours of the window. “Follow the system” changes with it, live.",
    choices={"system": "Follow the system", "light": "Light", "dark": "Dark", "high_contrast": "High contrast"},
)
APPEARANCE_ZOOM = Setting(
    "appearance.zoom", float, 1.0, "Zoom", "Size of everything in the window, dialogs and tables too.",
    unit="×", minimum=0.5, maximum=3.0,
)
APPEARANCE_INTERFACE_FONT_FAMILY = Setting(
    "appearance.interface_font_family", str, "", "Interface font", "Of menus, lists and dialogs. Empty: the system’s.",
)
APPEARANCE_INTERFACE_FONT_SIZE_PX = Setting(
    "appearance.interface_font_size_px", int, 13, "Interface text size", "Before zoom.",
    unit="px", minimum=9, maximum=32,
)
APPEARANCE_CODE_FONT_FAMILY = Setting(
    "appearance.code_font_family", str, "", "Code font",
    "Of the editor, the console and tables. Empty: the system’s.",
)
APPEARANCE_CODE_FONT_SIZE_PX = Setting(
    "appearance.code_font_size_px", int, 13, "Code text size", "Of the editor, the console and tables, before zoom.",
    unit="px", minimum=8, maximum=48,
)
APPEARANCE_REDUCED_MOTION = Setting(
    "appearance.reduced_motion", str, "system", "Motion", "“Reduced” stops blinking and every animation.",
    choices={"system": "Follow the system", "full": "Full", "reduced": "Reduced"},
)

# --- editor ----------------------------------------------------------------------------------------------------------

EDITOR_TAB_WIDTH = Setting(
    "editor.tab_width", int, 4, "Tab width", "How wide a tab character is drawn.",
    unit="columns", minimum=1, maximum=16, is_for_projects=True,
)
EDITOR_INSERT_SPACES = Setting(
    "editor.insert_spaces", bool, True, "Tab key inserts spaces", "Off: it inserts a tab character.",
    is_for_projects=True,
)
EDITOR_INDENTATION_GUIDES = Setting(
    "editor.indentation_guides", bool, True, "Indentation guides", "Thin lines at each level of indentation.",
)
EDITOR_LINE_NUMBERS = Setting("editor.line_numbers", bool, True, "Line numbers")
EDITOR_WRAP_LINES = Setting(
    "editor.wrap_lines", bool, False, "Wrap long lines", "Shows a long line on several; the file is not changed.",
)
EDITOR_AUTO_CLOSE = Setting(
    "editor.auto_close", bool, True, "Close brackets and quotes", "Typing “(” puts in “)” too.",
)
EDITOR_FORMAT_ON_SAVE = Setting(
    "editor.format_on_save", bool, False, "Format on save", "Formats the whole file when you save it.",
    is_for_projects=True,
)
EDITOR_PIPE = Setting(
    "editor.pipe", str, "native", "Pipe in R", "What the pipe key puts in.",
    choices={"native": "|>  (R 4.1 and newer)", "magrittr": "%>%  (magrittr, dplyr)"}, is_for_projects=True,
)
EDITOR_PROBLEMS_AS_YOU_TYPE = Setting(
    "editor.problems_as_you_type", bool, True, "Mark problems while typing", "Wavy lines under likely errors.",
)

# --- completion ------------------------------------------------------------------------------------------------------

COMPLETION_AS_YOU_TYPE = Setting(
    "completion.as_you_type", bool, True, "Offer completions while typing", "Off: they appear only at the key for it.",
)
COMPLETION_DELAY_MS = Setting(
    "completion.delay_ms", int, 120, "Delay", "How long after a key press completions are looked for.",
    unit="ms", minimum=0, maximum=2000,
)
COMPLETION_LIVE = Setting(
    "completion.live", bool, True, "Names from the session", "Columns, members and keys of what exists in the session.",
)
COMPLETION_STATIC = Setting(
    "completion.static", bool, True, "Names from the code",
    "What follows from reading the code, from a helper process of its own.",
)
COMPLETION_HOVER = Setting(
    "completion.hover", bool, True, "Help for the name under the mouse",
    "How it is called and what it is for, in editor and console. Off: at the key for it alone.",
)

# --- console ---------------------------------------------------------------------------------------------------------

CONSOLE_SCROLLBACK_LINES = Setting(
    "console.scrollback_lines", int, 10_000, "Lines kept", "Older lines leave the console.",
    unit="lines", minimum=500, maximum=200_000,
)
CONSOLE_FOLD_LINE_CHARACTERS = Setting(
    "console.fold_line_characters", int, 4_000, "Fold lines longer than", "The rest is shown by “show all”.",
    unit="characters", minimum=200, maximum=20_000,
)
CONSOLE_FLOOD_LINES = Setting(
    "console.flood_lines", int, 100_000, "Lines shown of one run",
    "Past it the middle is left out and the console says so; the full text stays obtainable.",
    unit="lines", minimum=1_000, maximum=1_000_000, is_advanced=True,
)
CONSOLE_FLOOD_BYTES = Setting(
    "console.flood_bytes", int, 16_000_000, "Text shown of one run",
    "Past it the middle is left out and the console says so; the full text stays obtainable.",
    unit="bytes", minimum=100_000, maximum=500_000_000, is_advanced=True,
)
CONSOLE_SHOW_PICTURES = Setting(
    "console.show_pictures", bool, False, "Pictures in the console too", "They are in the Plots pane in any case.",
)
CONSOLE_HISTORY_COUNT = Setting(
    "console.history_count", int, 5_000, "History", "Entries kept for each language.",
    unit="entries", minimum=0, maximum=100_000,
)

# --- kernels ---------------------------------------------------------------------------------------------------------

KERNELS_KEEP_SPARE = Setting(
    "kernels.keep_spare", bool, True, "Keep a spare kernel warm", "A new console then opens at once, for about 50 MB.",
)
KERNELS_IDLE_LIMIT_S = Setting(
    "kernels.idle_limit_s", int, 86_400, "End kernels without a window after", "Counted from their last work.",
    unit="s", minimum=60, maximum=30 * 86_400, is_advanced=True,
)
KERNELS_SPOOL_SIZE_BYTES = Setting(
    "kernels.spool_size_bytes", int, 500_000_000, "Output kept on disk for each kernel",
    "Past it the oldest output is cut, and the console says so.",
    unit="bytes", minimum=1_000_000, maximum=2_000_000_000, is_advanced=True,
)
KERNELS_ENVIRONMENT_CHOICE = Setting(
    "kernels.environment_choice", str, "ask", "When an environment is chosen",
    "Another console leaves the others as they are; restarting one loses its variables.",
    choices={"ask": "Ask", "open": "Open another console", "restart": "Restart the console of that language"},
)
KERNELS_DEATH_NOTICE = Setting(
    "kernels.death_notice", bool, True, "Notice when a kernel dies", "The console says it in any case.",
)

# --- variables -------------------------------------------------------------------------------------------------------

VARIABLES_SORT = Setting(
    "variables.sort", str, "name", "Order of variables", "Within each group of the Variables pane.",
    choices={"name": "By name", "type": "By type", "size": "By size", "changed": "By last change"},
)
VARIABLES_PREVIEW = Setting(
    "variables.preview", bool, True, "Preview data frames", "Shows the first rows of the selected one below the list.",
)
VARIABLES_WATCH_FRAMES = Setting(
    "variables.watch_frames", bool, True, "Compare data frames after each run",
    "Marks those where a join multiplied rows, values became missing and the like.", is_for_projects=True,
)
VARIABLES_PREVIEW_HEIGHT = Setting(
    "variables.preview_height", int, 150, "Height of the preview", "As it was last pulled, at a zoom of 100 %.",
    unit="px", minimum=60, maximum=2_000, is_advanced=True,
)

# --- plots -----------------------------------------------------------------------------------------------------------

PLOTS_KEEP_COUNT = Setting(
    "plots.keep_count", int, 1_000, "Plots kept", "The oldest go first.", unit="plots", minimum=10, maximum=10_000,
)
PLOTS_KEEP_SIZE = Setting(
    "plots.keep_size", int, 500, "Room for plots on disk", "For each project; the oldest go first, pinned ones stay.",
    unit="MB", minimum=10, maximum=100_000,
)
PLOTS_COME_FORWARD = Setting(
    "plots.come_forward", bool, True, "Plots come forward", "A new plot brings Plots in front of Help and Files.",
)
PLOTS_REDRAW_LIMIT = Setting(
    "plots.redraw_limit", float, 2.0, "Redraw plots by themselves",
    "A plot that takes longer to draw is scaled to a new size of the pane, and redrawn when asked for.",
    unit="s", minimum=0.0, maximum=60.0,
)
PLOTS_FORMAT = Setting(
    "plots.format", str, "png", "Format asked of kernels", "Very large SVG pictures come as PNG in any case.",
    choices={"png": "PNG", "svg": "SVG"}, is_for_projects=True,
)

# --- files -----------------------------------------------------------------------------------------------------------

FILES_SHOW_HIDDEN = Setting(
    "files.show_hidden", bool, False, "Show hidden files", "Names that begin with a dot, caches and the like.",
)

# --- network ---------------------------------------------------------------------------------------------------------

NETWORK_PROXY = Setting(
    "network.proxy", str, "", "Proxy", "Such as http://proxy.example:3128. Empty: what the system's variables say.",
)
NETWORK_CERTIFICATES = Setting(
    "network.certificates", str, "standard", "Certificates", "Where those stand that a server is checked against.",
    choices={"standard": "Those of the tools", "system": "Those of the system", "file": "A file"},
)
NETWORK_CERTIFICATE_FILE = Setting(
    "network.certificate_file", str, "", "File of certificates", "In PEM form; for “A file” above.",
)
NETWORK_PYTHON_INDEX = Setting(
    "network.python_index", str, "", "Index of Python packages",
    "Address of a mirror in simple form. Empty: what uv's own settings say, else the public one.",
)
NETWORK_WHEEL_FOLDER = Setting(
    "network.wheel_folder", str, "", "Folder of wheels",
    "Python packages then come from this folder alone, without network.",
)
NETWORK_PYTHON_MIRROR = Setting(
    "network.python_mirror", str, "", "Mirror of Python builds",
    "Where uv fetches Pythons; a folder as a file: address works too.", is_advanced=True,
)
NETWORK_CONDA_CHANNEL = Setting(
    "network.conda_channel", str, "conda-forge", "Channel of conda packages", "A name, an address or a folder.",
)
NETWORK_R_REPOSITORY = Setting(
    "network.r_repository", str, "", "Repository of R packages",
    "Address of a mirror. Empty: what R's own options say, else the cloud mirror.",
)

# --- packages --------------------------------------------------------------------------------------------------------

PACKAGES_OFFER_MISSING = Setting(
    "packages.offer_missing", bool, True, "Offer missing packages",
    "At an error, and above a file that imports what is not installed.",
)
PACKAGES_POLICY_ADDRESS = Setting(
    "packages.policy_address", str, "", "Address of a policy",
    "A fourpane-policy.toml that tells what may be installed; kept on disk, so that it holds offline too.",
)
PACKAGES_CHECK_VULNERABILITIES = Setting(
    "packages.check_vulnerabilities", bool, False, "Check for known vulnerabilities",
    "Names and versions of packages are sent to the database below when newer versions are looked for.",
)
PACKAGES_VULNERABILITY_DATABASE = Setting(
    "packages.vulnerability_database", str, "", "Database of vulnerabilities",
    "Address of a service that speaks as osv.dev does. Empty: osv.dev itself.", is_advanced=True,
)

# --- keys, window, trust ---------------------------------------------------------------------------------------------

KEYS_KEYMAP = Setting(
    "keys.keymap", str, "default", "Key map", "Keys of your own go on top of it.",
    choices={"default": "Default", "rstudio": "RStudio", "spyder": "Spyder", "jupyter": "Jupyter and VS Code"},
)
WINDOW_LAYOUT = Setting(
    "window.layout", str, "full", "Layout", "“Simple” shows what a first lesson needs; the palette keeps everything.",
    choices={"simple": "Simple", "full": "Full"},
)
WINDOW_NOTICE_WHEN_DONE = Setting(
    "window.notice_when_done", bool, True, "Desktop notice when long code ends",
    "Only while you work in another window. A click brings this one to the front.",
)
WINDOW_NOTICE_AFTER_S = Setting(
    "window.notice_after_s", int, 10, "Code is long after", "How long it must have run for a desktop notice.",
    unit="s", minimum=1, maximum=86_400,
)
TRUST_ASK = Setting(
    "trust.ask", bool, True, "Show the trust bar", "Off: folders stay untrusted in silence until you trust them.",
)

# fmt: on

DECLARED: tuple[Setting[Any], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Setting))
"""All of them, in the order above."""
