"""Bad files, bad kernels, bad disks and no R, in the real program: each told with one action, and nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.stories.kit import ROOT, run_script

pytestmark = pytest.mark.timeout(180)

# As root every file can be read: the right to do so is given up, so that a file without rights is one.
WITHOUT_RIGHTS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()

FILES = """
from ide.core.text import Edit
NAMES = {names!r}
WORDS = tuple(str(project / name) for name in NAMES)

def bad(wb, name):
    words = (name.partition("/")[0], name.rpartition("/")[2])
    return [n for n in wb.program.notices.all if any(word in n.text for word in words)]

with open_workbench(profile_dir=profile, project_dir=project, environment=python, words=WORDS) as wb:
    commands = wb.program.commands
    wb.settle(60)
    told = {{name: bad(wb, name) for name in NAMES}}
    tell(by_command_line={{name: [n.text for n in found] for name, found in told.items()}})
    tell(opened=sorted(d.title for d in wb.program.documents.all))
    tell(unknown=[n.action for n in wb.program.notices.all if n.action not in commands])
    tell(lines=max(n.text.count("\\n") + 1 for n in wb.program.notices.all))
    wb.program.notices.clear()
    for name in [*NAMES, "folder.py"]:
        commands.run("file.open", path=str(project / name))
        wb.settle(60)
    tell(by_command=sum(1 for n in wb.program.notices.all if n.kind == "error"))
    tell(again=sorted(d.title for d in wb.program.documents.all))
    # The one action of each does what it says.
    by_action = {{n.action: n for n in wb.program.notices.all}}
    for action in ("document.open_with_encoding", "document.open_anyway", "file.open_folder"):
        notice = by_action[action]
        commands.run(action, **notice.action_arguments)
    wb.settle(60)
    tell(after=sorted(d.title for d in wb.program.documents.all), folder=str(wb.program.project.folder))
    tell(latin=[d.encoding for d in wb.program.documents.all if d.title in ("latin.py", "mixed.py")])
    # A file that vanishes while it is open keeps its text; so does one that becomes unreadable, a folder, a pipe.
    document = next(d for d in wb.program.documents.all if d.title == "gone.py")
    wb.program.editor.show(document)
    (project / "gone.py").unlink()
    wb.program.watch.look_now()
    wb.wait_until(lambda: document.disk_state == "gone", 20, "The loss of the file")
    page = wb.program.editor.desk.page
    tell(bar=page.bar.text, kept=document.text)
    document.apply(Edit(0, 0, "more "))
    saved, refused = [], []
    document.save(lambda: saved.append(1), lambda error: refused.append(error.text))
    wb.wait_until(lambda: saved or refused, 20, "The save")
    tell(saved=len(saved), refused=refused, on_disk=(project / "gone.py").read_text() if saved else "")
"""


def make_bad_files(project: Path) -> list[str]:
    (project / "binary.py").write_bytes(bytes(range(256)) * 100)
    (project / "latin.py").write_bytes("x = 'café'\n".encode("latin-1") * 3)
    (project / "mixed.py").write_bytes(b"a = 1\r\nb = 2\nc = '\xff\xfe\x80'\n")
    (project / "utf16.py").write_bytes("x = 'café'\n".encode("utf-16"))
    (project / "secret.py").write_text("x = 1\n")
    (project / "secret.py").chmod(0)
    (project / "locked").mkdir()
    (project / "locked" / "inside.py").write_text("x = 1\n")
    (project / "locked").chmod(0)
    with (project / "huge.py").open("wb") as file:
        file.truncate(3_000_000_000)
    (project / "big.py").write_bytes(b"x = 1\n" * 10_000_000)
    os.mkfifo(project / "pipe.py")
    (project / "folder.py").mkdir()
    (project / "loop.py").symlink_to(project / "loop.py")
    (project / "dangling.py").symlink_to(project / "nowhere")
    (project / "device.py").symlink_to("/dev/zero")
    (project / "empty.py").write_text("")
    (project / "ok.py").write_text("fine = 1\n")
    (project / "gone.py").write_text("precious = 1\n")
    return [
        "missing.py", "binary.py", "latin.py", "mixed.py", "utf16.py", "secret.py", "locked/inside.py", "huge.py",
        "pipe.py", "loop.py", "dangling.py", "device.py", "nofolder/x.py", "empty.py", "ok.py", "gone.py", "big.py",
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path


def test_bad_files_are_told_with_one_action_and_the_good_ones_open(folder: Path) -> None:
    names = make_bad_files(folder / "project")
    good = ["empty.py", "gone.py", "ok.py", "utf16.py"]

    outcome = run_script(FILES.format(names=names), folder, prefix=WITHOUT_RIGHTS)

    (folder / "project" / "locked").chmod(0o700)
    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    for name in names:
        assert len(facts["by_command_line"][name]) == (name not in good), (name, facts["by_command_line"][name])
    assert facts["opened"] == facts["again"] == good
    assert facts["by_command"] == len(names) - len(good) + 1
    assert facts["unknown"] == []
    assert facts["lines"] <= 3
    assert set(facts["after"]) >= {"big.py", "mixed.py"}
    assert facts["folder"].endswith("folder.py")
    assert facts["latin"] == ["iso8859-1"]
    assert "not on disk any more" in facts["bar"]
    assert facts["kept"] == "precious = 1\n"
    assert facts["saved"] == 1
    assert facts["on_disk"] == "more precious = 1\n"


KERNELS = """
from dataclasses import replace
from ide.environments.machine import Machine

# A machine whose /usr and /opt are empty: R in its usual places would be found without PATH, too.
here = Machine.here()
Machine.here = classmethod(lambda _class: replace(here, root=project.parent / "root"))

def bars(wb):
    return [bar.notice for bar in wb.program.console.notices.bars]

def story(wb, kernel):
    before = {n.key for n in bars(wb)}
    try:
        session = wb.program.start_session(kernel)
    except Exception as error:
        return {"refused": error.text, "action": error.action}
    session.execute("1 + 1")
    new = lambda: [n for n in bars(wb) if n.key not in before]
    wb.wait_until(new, 30, f"Something about {kernel}, in state {session.state}")
    notice = new()[-1]
    last = session.runs[-1].status.value if session.runs else ""
    told = {"text": notice.text, "action": notice.action, "details": notice.details}
    return {"state": session.state, "run": last, **told}

with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    program = wb.program
    wb.session.wait_ready(60)
    program.kernels.limits = replace(program.kernels.limits, slow_start_s=1.0)
    listed = wb.environments()
    tell(reasons={one.name: [one.health, one.reason] for one in listed if one.kind == "kernelspec"})
    for kernel in ("missing", "broken", "garbage", "dies", "vanishes", "silent", "folder"):
        if kernel == "vanishes":
            Path(os.environ["VANISHING"]).unlink()
        tell(**{kernel: story(wb, kernel)})

    # No R on this machine.
    document = wb.open(project / "script.R")
    before = len(wb.sessions)
    program.notices.clear()
    program.commands.run("run.file")
    notice = wait_for_notice(wb, "R")
    tell(no_r=notice.text, no_r_action=notice.action, sessions_more=len(wb.sessions) - before)
    tell(script=document.text, is_dirty=document.is_dirty)
    # The rest works on.
    tell(python=wb.run("print('fine')", language="python").wait(30).text)
    tell(actions=[n.action for n in bars(wb) if n.action and n.action not in program.commands])
    wb.settle()
"""


def test_bad_kernels_and_a_missing_r_are_told_with_one_action(folder: Path, private_home: Path) -> None:
    programs = {
        "garbage": "#!/bin/sh\nprintf 'no kernel here \\377\\000\\033[2J'; head -c 300000 /dev/urandom\n",
        "dies": "#!/bin/sh\necho 'cannot find libkernel.so.3' >&2\nexit 3\n",
        "vanishes": "#!/bin/sh\nexit 0\n",
        "silent": "#!/bin/sh\nexec sleep 60\n",
    }
    places = private_home / "jupyter-data" / "kernels"
    for name in ("missing", "broken", "folder", *programs):
        program = folder / f"{name}-kernel"
        if name in programs:
            program.write_text(programs[name])
            program.chmod(0o755)
        elif name == "folder":
            program.mkdir()
        (places / name).mkdir(parents=True)
        spec = {"argv": [str(program), "{connection_file}"], "display_name": name, "language": name}
        (places / name / "kernel.json").write_text("{" if name == "broken" else json.dumps(spec))
    (folder / "project" / "script.R").write_text("x <- 1\n")
    # The programs that the fakes need, and no R.
    (folder / "bin").mkdir()
    for name in ("sh", "head", "sleep", "env", "uname"):
        (folder / "bin" / name).symlink_to(shutil.which(name) or "")

    outcome = run_script(KERNELS, folder, PATH=str(folder / "bin"), VANISHING=str(folder / "vanishes-kernel"))

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    assert facts["reasons"]["missing"][0] == facts["reasons"]["broken"][0] == "broken"
    for name in ("missing", "broken", "folder", "vanishes"):
        assert facts[name].get("refused"), (name, facts[name])
        assert facts[name]["action"] == "session.choose_environment"
    for name in ("garbage", "dies"):
        assert (facts[name]["state"], facts[name]["run"]) == ("dead", "died")
        assert facts[name]["action"] == "session.restart"
    assert "3" in facts["dies"]["text"]
    assert "libkernel.so.3" in facts["dies"]["text"] + facts["dies"]["details"]
    assert facts["silent"]["state"] == "starting"
    assert facts["silent"]["action"]
    assert "No R was found" in facts["no_r"]
    assert (facts["no_r_action"], facts["sessions_more"]) == ("session.choose_environment", 0)
    assert (facts["script"], facts["is_dirty"]) == ("x <- 1\n", False)
    assert facts["python"] == "fine\n"
    assert facts["actions"] == []


DISK = """
import ctypes, errno
from ide.core.text import Edit
shim = ctypes.CDLL(None)

def save(wb, document, command="file.save"):
    wb.program.notices.clear()
    wb.program.editor.show(document)
    began = time.monotonic()
    wb.program.commands.run(command)
    wb.wait_until(lambda: texts(wb) or not (document.is_dirty or document.is_saving), 20, "The save")
    return {"text": texts(wb), "action": [n.action for n in wb.program.notices.all], "dirty": document.is_dirty,
            "took_s": time.monotonic() - began}

with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    document = wb.open(project / "work.py")
    document.apply(Edit(0, 0, "typed = 1\\n"))
    for name in ("ENOSPC", "EROFS", "EIO", "EACCES", "EDQUOT"):
        shim.fault_arm(str(project).encode() + b"/", 1, getattr(errno, name), 1)
        told = save(wb, document)
        shim.fault_disarm()
        tell(**{name: told, name + "_disk": (project / "work.py").read_text(), name + "_text": document.text})
    tell(actions=[a for a in ("file.save", "file.save_as", "document.save_as") if a not in wb.program.commands])
    told = save(wb, document)
    tell(then=told, then_disk=(project / "work.py").read_text())
    # The folder goes away under a dirty document.
    document.apply(Edit(0, 0, "again = 2\\n"))
    project.rename(project.with_name("elsewhere"))
    tell(gone=save(wb, document), gone_text=document.text)
    project.with_name("elsewhere").rename(project)
    tell(back=save(wb, document), back_disk=(project / "work.py").read_text())
"""


def test_disk_that_fails_loses_nothing_and_the_next_save_works(folder: Path) -> None:
    library = folder / "shim.so"
    source = ROOT / "tests" / "faults" / "shim.c"
    compiler = shutil.which("cc") or shutil.which("gcc") or "cc"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    (folder / "project" / "work.py").write_text("old = 0\n")

    outcome = run_script(DISK, folder, LD_PRELOAD=str(library))

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    for name in ("ENOSPC", "EROFS", "EIO", "EACCES", "EDQUOT"):
        told = facts[name]
        assert told["dirty"], name
        assert len(told["text"]) == 1, (name, told)
        assert told["action"][0], (name, told)
        assert told["took_s"] < 2
        assert facts[f"{name}_disk"] == "old = 0\n"
        assert facts[f"{name}_text"] == "typed = 1\nold = 0\n"
    assert facts["actions"] == []
    assert (facts["then"]["text"], facts["then"]["dirty"], facts["then_disk"]) == ([], False, "typed = 1\nold = 0\n")
    assert facts["gone"]["dirty"]
    assert len(facts["gone"]["text"]) == 1
    assert facts["gone_text"] == facts["back_disk"] == "again = 2\ntyped = 1\nold = 0\n"
    assert not facts["back"]["dirty"]


def test_long_profile_path_works_or_is_told(folder: Path) -> None:
    """90 characters: no socket fits beside the profile, so the runtime folder lies elsewhere."""
    long = folder / ("p" * max(1, 90 - len(str(folder)) - 1))
    while len(str(long)) < 90:
        long = long / "x"
    assert len(str(long)) >= 90

    outcome = run_script(
        f"""
        with open_workbench(profile_dir=Path({str(long)!r}), project_dir=project, environment=python) as wb:
            wb.session.wait_ready(60)
            tell(text=wb.run("print(6 * 7)", language="python").wait(60).text, notices=texts(wb))
            wb.wait_until(lambda: (wb.program.started.paths.runtime / "window").exists(), 20)
            tell(runtime=len(str(wb.program.started.paths.runtime)))
        """,
        folder,
    )

    assert outcome.exit_code == 0, outcome.errors
    assert outcome.facts["text"] == "42\n"
    assert outcome.facts["notices"] == []
    assert outcome.facts["runtime"] < 80
