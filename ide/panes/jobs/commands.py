"""Commands of the Jobs pane."""

from __future__ import annotations

from typing import Final, Protocol

from ide.commands.command import Command
from ide.commands.registry import Commands

HAS_JOBS: Final = "jobs.has_jobs"
HAS_JOB: Final = "jobs.has_job"
IS_OVER: Final = "jobs.is_over"
HAS_RESULTS: Final = "jobs.has_results"
HAS_TWO: Final = "jobs.has_two"
HAS_ERROR_PLACE: Final = "jobs.has_error_place"
GO_TO_ERROR: Final = "job.go_to_error"
HAS_CLUSTERS: Final = "jobs.has_clusters"

COMMANDS: Final[tuple[Command, ...]] = (
    Command("job.cancel", "Stop job", "End the selected job with all its processes.", icon="stop",
            when=f"{HAS_JOB} and not {IS_OVER}"),
    Command("job.run_again", "Run job again exactly", "The very bundle that was sent, with the same options.",
            icon="arrow-clockwise", when=f"{HAS_JOB} and {IS_OVER}"),
    Command("job.compare", "Compare the two selected jobs", "Code, packages, data, results and settings.",
            icon="git-diff", when=HAS_TWO),
    Command("job.verify", "Verify the data of a job", "Whether what it read is still as it was.",
            icon="shield-check", when=f"{HAS_JOB} and {IS_OVER}"),
    Command("job.find", "Find in the log", icon="magnifying-glass", when=HAS_JOB),
    Command(GO_TO_ERROR, "Go to the error of a job", icon="arrow-right", when=HAS_ERROR_PLACE),
    Command("job.fetch", "Fetch the results again", icon="download-simple", when=f"{HAS_JOB} and {IS_OVER}"),
    Command("job.open_folder", "Open the folder of the results", icon="folder-open", when=HAS_RESULTS),
    Command("job.export", "Save the record of a job...",
            "Everything that is known of the run, as one HTML page or as RO-Crate metadata (JSON).",
            icon="floppy-disk", when=f"{HAS_JOB} and {IS_OVER}"),
    Command("job.delete", "Delete job", "Its record, log and results; nothing of the project.", icon="trash",
            when=f"{HAS_JOB} and {IS_OVER}"),
    Command("job.end_clusters", "End all clusters", "With the jobs that run there.", icon="stop", when=HAS_CLUSTERS),
)  # fmt: skip


class JobActions(Protocol):
    """What the pane can be told to do with the selected job."""

    def cancel(self) -> None: ...
    def run_again(self) -> None: ...
    def compare(self) -> None: ...
    def verify(self) -> None: ...
    def find(self) -> None: ...
    def go_to_error(self) -> None: ...
    def fetch(self) -> None: ...
    def open_folder(self) -> None: ...
    def export(self, path: str = "") -> None: ...
    def delete(self) -> None: ...
    def end_clusters(self) -> None: ...


def add_commands(commands: Commands, pane: JobActions) -> None:
    """Declare the pane's context keys and add its commands; `pane` does the work."""
    for key, meaning in (
        (HAS_JOBS, "a job in the list"),
        (HAS_JOB, "a selected job"),
        (IS_OVER, "a selected job that is over"),
        (HAS_RESULTS, "results of the selected job"),
        (HAS_TWO, "two selected jobs"),
        (HAS_ERROR_PLACE, "an error with its line"),
        (HAS_CLUSTERS, "a cluster that is up"),
    ):
        commands.context.declare(key, False, meaning, "Jobs pane")
    for command in COMMANDS:
        commands.add(command, getattr(pane, command.id.removeprefix("job.")))
