"""Runs a kernel in the user's Python with a side folder of packages behind the user's own.

    python launcher.py SIDE_FOLDER -m MODULE [ARGUMENT ...]
    python launcher.py SIDE_FOLDER -c CODE [ARGUMENT ...]

Run by the user's interpreter, never imported by the program: standard library only, Python 3.8 and newer. The folder
comes last on `sys.path`, so that what the user installed wins.
"""

import sys


def main() -> None:
    """Take this file's own folder off the path (its names would hide the standard library's), then go on."""
    from os.path import realpath

    own_folder = realpath(f"{__file__}/..")
    sys.path[:] = [entry for entry in sys.path if entry and realpath(entry) != own_folder]
    side_folder, option, target = sys.argv[1:4]
    sys.path.append(side_folder)
    rest = sys.argv[4:]
    if option == "-m":
        import runpy

        sys.argv[:] = [target, *rest]
        runpy.run_module(target, run_name="__main__", alter_sys=True)
        return
    sys.argv[:] = ["-c", *rest]
    module = sys.modules["__main__"]
    # What `python -c` itself does: the names live in __main__, which no longer is this file.
    for name in ("__file__", "main"):
        vars(module).pop(name, None)
    exec(compile(target, "<string>", "exec"), vars(module))


if __name__ == "__main__":
    main()
