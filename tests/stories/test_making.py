"""Environments from the first start on: the card, the dialog, copies, locks, the bin, by real clicks and real uv.

Packages come from wheels of the test's own; `ipykernel` among them leads to the one that the tests run with.
"""

from __future__ import annotations

import json
import sysconfig
from pathlib import Path

import pytest

from ide.environments.making.wish import templates
from tests.stories.kit import run_script
from tests.unit.environments.wheels import loopback_index, make_wheel

KERNEL = """
__path__ = [{site!r} + "/ipykernel"]
exec(compile(open({site!r} + "/ipykernel/__init__.py").read(), "ipykernel", "exec"))
"""

BARE = """
from dataclasses import replace
import ide.app.start as start
from ide.environments.machine import Machine
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

real = Machine.here()
nowhere = Path("root").absolute()
bare = replace(real, variables={{}}, home=Path("home").absolute(), root=nowhere, program_prefix=nowhere)
Machine.here = classmethod(lambda cls: bare)

def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

def session_in(wb, name):
    here = lambda: wb.session and wb.session.session.launch.environment.name == name
    wb.wait_until(here, 60, f"A console in {{name}} besides {{texts(wb)}}")
    return wb.session.wait_ready(60)

def over(wb):
    making = wb.program.making
    wb.wait_until(lambda: making.work is None or making.work.view.failure.isVisible(), 60, "The end of the work")
    if making.work is not None:
        raise SystemExit(making.work.view.failure.text())

index = {index!r}
profile = Path("profile"); profile.mkdir(exist_ok=True)
(profile / "settings.toml").write_text(f'[network]\\npython_index = "{{index}}"\\n')
project = Path("class project"); project.mkdir(exist_ok=True)
"""

FIRST = """
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    wb.wait_until(lambda: wb.program.is_at_rest and wb.program.first_run.card, 60, "The card")
    card = wb.program.first_run.card
    tell(buttons=[button.text() for button in card.buttons], prompt=wb.session.wait_ready(60).name)
    click(card.buttons[0])
    dialog = wb.program.making.dialog
    tell(title=dialog.windowTitle())
    session = session_in(wb, "data-analysis")
    wb.settle(30)
    tell(card=wb.program.first_run.card is not None, dialog=wb.program.making.dialog is not None)
    tell(said=wb.run("import pandas, sys; print(pandas.__version__, sys.prefix)").wait(60).text.split())
    tell(texts=texts(wb))

    wb.run_command("environment.lock")
    over(wb)
    tell(lock=wait_for_notice(wb, "is locked").text, files=sorted(path.name for path in project.iterdir()))
    wb.run_command("environment.compare")
    over(wb)
    tell(same=wait_for_notice(wb, "matches").text)

    ask = []
    def answer(parent, title, suggestion, filters, chosen):
        ask.append((Path(suggestion).name, filters, chosen))
        return (str(project / "shared"), "conda environment (*.yml)") if len(ask) > 1 else ("", "")
    QFileDialog.getSaveFileName = staticmethod(answer)
    wb.run_command("environment.export")
    tell(begun=wb.program.making.work is not None)
    wb.run_command("environment.export")
    over(wb)
    wait_for_notice(wb, "is exported")
    tell(exports=ask[0], exported=(project / "shared.yml").read_text())
    (project / "shared.yml").unlink()

    wb.run_command("environment.duplicate")
    names = [one for one in wb.program.shell.window.children() if type(one).__name__ == "NameDialog"]
    tell(suggested=names[0].name.text())
    names[0].name.setText("Kopie für alle")
    click(names[0].ok)
    over(wb)
    session = session_in(wb, "Kopie für alle")
    tell(copied=wb.run("import pandas, sys; print(pandas.__version__, sys.prefix)").wait(60).text.strip())

    wb.run_command("environment.delete")
    tell(asked=wait_for_notice(wb, "in “Kopie für alle”").text, action=wait_for_notice(wb, "in “Kopie").action_title)
    notice = wait_for_notice(wb, "in “Kopie")
    wb.run_command(notice.action, **notice.action_arguments)
    over(wb)
    wait_for_notice(wb, "is in the bin")
    wb.wait_until(lambda: not wb.program.environments.is_refreshing, 30, "The look round")
    tell(left=sorted(path.name for path in (profile / "environments").iterdir()))
    tell(names=[one.name for one in wb.program.environments.all])

    made = wb.create_environment("by script", ["scipy"])
    tell(made=made.name, health=str(made.health))
    try:
        wb.create_environment("no", ["nosuch"])
    except Exception as error:
        tell(refused=error.text)
    tell(stall=wb.stall_max_ms())
"""

SECOND = """
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    wb.wait_until(lambda: wb.program.is_at_rest and not wb.program.environments.is_refreshing, 60, "Rest")
    wb.settle(30)
    tell(card=wb.program.first_run.card is not None)
    if wb.program.first_run.card is not None:
        click(wb.program.first_run.card.buttons[-1])
        tell(still=wb.program.first_run.card is not None)
"""

FAILING = """
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True) as wb:
    wb.wait_until(lambda: wb.program.is_at_rest and not wb.program.environments.is_refreshing, 60, "Rest")
    wb.run_command("environment.create")
    dialog = wb.program.making.dialog
    dialog.packages.setText("alpha beta")
    dialog.name.setText("broken")
    click(dialog.confirm)
    wb.wait_until(lambda: dialog.work.failure.isVisible(), 60, "The failure")
    tell(failure=dialog.work.failure.text(), left=(profile / "environments").exists())
    click(dialog.back)
    dialog.packages.setText("ipykernel beta")
    dialog.name.setText("con")
    tell(problem=dialog.problem.text(), can=dialog.confirm.isEnabled())
    dialog.name.setText("mended")
    click(dialog.confirm)
    session_in(wb, "mended")
    tell(said=wb.run("import beta; print(beta.__version__)").wait(60).text.strip())

    gone = profile / "environments" / "mended" / "bin"
    for name in ("python", "python3"):
        (gone / name).unlink(missing_ok=True)
    (gone / "python").symlink_to("nowhere")
    wb.program.environments.refresh(project, is_trusted=True)
    wb.wait_until(lambda: not wb.program.environments.is_refreshing, 60, "The look round")
    broken = next(one for one in wb.program.environments.all if one.name == "mended")
    tell(health=str(broken.health), reason=broken.reason)
    wb.run_command("environment.repair", environment=broken.id, ends_sessions=True)
    over(wb)
    wait_for_notice(wb, "is repaired")
    session_in(wb, "mended")
    tell(repaired=wb.run("import beta; print(beta.__version__)").wait(60).text.strip())
"""


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    site = sysconfig.get_path("purelib")
    for name in templates()[0].packages["python"]:
        make_wheel(folder, name, files={})
    files = {"ipykernel/__init__.py": KERNEL.format(site=site), "leads_to_the_tests.pth": f"{site}\n"}
    make_wheel(folder, "ipykernel", files=files)
    make_wheel(folder, "alpha", requires=["gamma<2"])
    make_wheel(folder, "beta")
    make_wheel(folder, "gamma", "2.0")
    return folder


def test_first_start_ends_in_a_prompt_of_ones_own_and_everything_goes_on_from_there(
    tmp_path: Path, wheels: Path
) -> None:
    with loopback_index(wheels) as index:
        outcome = run_script(BARE.format(index=index) + FIRST, tmp_path, 200, UV_CACHE_DIR=str(tmp_path / "cache"))
    facts = outcome.facts
    assert outcome.exit_code == 0, outcome.errors
    assert facts["buttons"][0].startswith("Set up Python (about 155")
    assert facts["buttons"][1:] == ["Set up R", "I have one…", "Not now"]
    assert facts["said"][0] == "1.0"
    assert facts["said"][1].endswith("data-analysis")
    assert (facts["card"], facts["dialog"]) == (False, False)
    assert facts["lock"].startswith("“data-analysis” is locked: 7 packages.")
    assert facts["files"] == ["pylock.toml", "requirements.lock.txt", "sbom.cdx.json"]
    assert facts["same"] == "“data-analysis” matches pylock.toml."
    assert facts["suggested"] == "data-analysis-copy"
    assert facts["copied"].startswith("1.0 ")
    assert facts["copied"].endswith("Kopie für alle")
    assert "Ending a console loses its variables." in facts["asked"]
    assert facts["begun"] is False, "the dialog was closed"
    assert facts["exports"][:1] == ["requirements.txt"]
    assert facts["exported"].startswith('name: "data-analysis"\nchannels:\n')
    assert "pandas==" in facts["exported"]
    assert facts["action"] == "End and delete"
    assert facts["left"] == ["data-analysis"]
    assert "Kopie für alle" not in facts["names"]
    assert (facts["made"], facts["health"]) == ("by script", "needs_kernel")
    assert "There is no package “nosuch” there." in facts["refused"]
    bill = json.loads((tmp_path / "class project" / "sbom.cdx.json").read_text("utf-8"))
    assert len(bill["components"]) == 7


def test_card_that_was_put_away_stays_away(tmp_path: Path) -> None:
    script = BARE.format(index="http://127.0.0.1:9/simple") + SECOND
    assert run_script(script, tmp_path).facts == {"card": True, "still": False}
    assert run_script(script, tmp_path).facts == {"card": False}


def test_wish_that_fails_can_be_changed_and_a_broken_environment_is_repaired(tmp_path: Path, wheels: Path) -> None:
    with loopback_index(wheels) as index:
        outcome = run_script(BARE.format(index=index) + FAILING, tmp_path, 200, UV_CACHE_DIR=str(tmp_path / "cache"))
    facts = outcome.facts
    assert outcome.exit_code == 0, outcome.errors
    assert "“broken” could not be made." in facts["failure"]
    assert "gamma" in facts["failure"]
    assert facts["left"] is False
    assert facts["problem"]
    assert facts["can"] is False
    assert facts["said"] == "1.0"
    assert facts["health"] == "broken"
    assert facts["repaired"] == "1.0"
