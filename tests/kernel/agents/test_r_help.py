"""Help pages of the R agent: pages, indexes and vignettes of what is installed, search, and what `?topic` gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.kernel.agents.harness import AgentKernel

CODE = """
shout <- function(text, loud = TRUE) {
  # Say it.
  # Loudly.
  toupper(text)
}
model <- lm(dist ~ speed, cars)
makeActiveBinding("active", function() cat("sung", file = canary), globalenv())
delayedAssign("lazy", cat("sung", file = canary))
print.loud <- function(x, ...) cat("sung", file = canary)
length.loud <- `[.loud` <- `$.loud` <- format.loud <- summary.loud <- print.loud
loud <- structure(list(1), class = "loud")
"""


@pytest.fixture(scope="module")
def known(r: AgentKernel, shared_home: Path) -> AgentKernel:
    assert r.run(f"canary <- '{shared_home / 'canary'}'").status == "ok"
    assert r.run(CODE).status == "ok"
    return r


@pytest.mark.parametrize(
    ("asked", "package", "topic", "found_in", "title"),
    [
        ("lm", "", "lm", "stats", "Fitting Linear Models"),
        ("dplyr::filter", "", "filter", "dplyr", "Subset rows using column values"),
        ("filter", "", "filter", "stats", "Linear Filtering on a Time Series"),
        ("geom_point", "", "geom_point", "ggplot2", "Points"),
        ("print", "stats", "print", "base", "Print Values"),
        ("`%in%`", "", "%in%", "base", "Value Matching"),
        ("if", "", "if", "base", "Control Flow"),
    ],
)
def test_page_is_that_of_the_package(
    known: AgentKernel, asked: str, package: str, topic: str, found_in: str, title: str
) -> None:
    page = known.ask("help.page", topic=asked, package=package)
    assert (page.topic, page.package, page.title, page.format) == (topic, found_in, title, "html")
    assert page.version


def test_name_under_the_mouse_tells_what_its_page_is_for(known: AgentKernel) -> None:
    about = known.ask("hover", code="fit <- lm(y ~ x)", offset=8)
    assert about.title.startswith("lm(formula, data")
    assert about.text.startswith("Fitting Linear Models\n\n")
    assert "used to fit linear models" in about.text
    assert (about.package, bool(about.version)) == ("stats", True)
    about = known.ask("hover", code="dplyr::mutate", offset=9)
    # With its parameters, where something has loaded the package.
    assert (about.title.partition("(")[0], about.package) == ("dplyr::mutate", "dplyr")
    assert (about.first, about.end) == (0, 13)
    assert "\n\nmutate() " in about.text
    assert known.ask("hover", code="shout", offset=1).package == ""


def test_links_examples_and_other_packages_are_told(known: AgentKernel) -> None:
    page = known.ask("help.page", topic="lm")
    links = set(re.findall(r'href="([^"]*)"', page.text))
    assert {"help:stats/glm", "help:stats/anova.lm"} <= links
    assert all(link.startswith(("help:", "https://")) for link in links)
    assert page.examples.startswith("require(graphics)")
    assert "Run examples" not in page.text
    assert [(one.name, one.package) for one in known.ask("help.page", topic="filter").also] == [
        ("dplyr::filter", "dplyr")
    ]


def test_examples_leave_out_what_is_not_to_be_run(known: AgentKernel) -> None:
    examples = known.ask("help.page", topic="download.file").examples
    code = [line for line in examples.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    assert code == []


def test_package_index_lists_topics_and_vignettes(known: AgentKernel) -> None:
    page = known.ask("help.page", topic="", package="dplyr")
    assert (page.topic, page.package, page.title) == ("", "dplyr", "A Grammar of Data Manipulation")
    members = {(member.kind, member.topic): member for member in page.members}
    assert members["vignette", "vignette:dplyr"].title == "Introduction to dplyr"
    assert members["topic", "mutate"].package == "dplyr"


def test_vignettes_come_as_html_without_scripts_or_as_a_file(known: AgentKernel) -> None:
    page = known.ask("help.page", topic="vignette:dplyr", package="dplyr")
    assert (page.format, page.title) == ("html", "Introduction to dplyr")
    assert "<script" not in page.text
    assert "starwars" in page.text
    page = known.ask("help.page", topic="vignette:Comparisons", package="Matrix")
    assert (page.text, Path(page.file_path).suffix) == ("", ".pdf")
    assert known.ask("help.page", topic="vignette:none", package="dplyr").topic == ""


def test_own_functions_and_values_are_told(known: AgentKernel) -> None:
    page = known.ask("help.page", topic="shout")
    assert (page.signature, page.text) == ("shout(text, loud = TRUE)", "Say it.\nLoudly.")
    page = known.ask("help.page", topic="model")
    assert page.title.startswith("model: lm")
    assert "lm" in [one.topic for one in page.also]


@pytest.mark.parametrize(
    ("code", "offset", "topic"),
    [
        ("x <- mean(1)", 7, "mean"),
        ("dplyr::filter(x)", 3, "filter"),
        ("dplyr::filter(x)", 10, "filter"),
        ("a %in% b", 4, "%in%"),
        ("model + 1", 3, "model"),
        ("nothing_here", 3, ""),
        ("", 0, ""),
    ],
)
def test_name_at_the_caret_is_found(known: AgentKernel, code: str, offset: int, topic: str) -> None:
    assert known.ask("help.at", code=code, offset=offset).topic == topic


@pytest.mark.parametrize("topic", ["", "nope", "no::such", "::", "x; system('x')", "../../etc/passwd", "`", "[["])
def test_what_is_no_topic_has_no_page(known: AgentKernel, topic: str) -> None:
    page = known.ask("help.page", topic=topic)
    assert page.format == "html" or (page.topic, page.package) == ("", "")


@pytest.mark.parametrize("package", ["nope", "../stats", "a/b", "stats; x"])
def test_what_is_no_package_has_no_index(known: AgentKernel, package: str) -> None:
    assert known.ask("help.page", topic="", package=package).package == ""


def test_search_goes_over_all_installed_packages(known: AgentKernel) -> None:
    found = known.ask("help.search", text="filter", limit=20).matches
    assert {("filter", "stats"), ("filter", "dplyr")} <= {(one.topic, one.package) for one in found[:4]}
    assert "Fitting Linear Models" in [one.title for one in known.ask("help.search", text="LINEAR model").matches]
    assert ("vignette:dplyr", "vignette") in [
        (one.topic, one.kind) for one in known.ask("help.search", text="introduction to dplyr").matches
    ]
    assert known.ask("help.search", text="no such thing at all").matches == ()
    # The exact name, names that begin so, titles, and what pages say they are about.
    found = known.ask("help.search", text="svd", limit=60).matches
    assert (found[0].topic, found[0].package) == ("svd", "base")
    assert known.ask("help.search", text="nls", limit=60).matches[0].topic == "nls"
    topics = [one.topic for one in known.ask("help.search", text="regression", limit=200).matches]
    assert "lm" in topics  # by its keyword alone
    assert known.ask("help.search", text="(*[").matches == ()


@pytest.mark.parametrize(
    ("code", "wish"),
    [
        ("?lm", ("lm", "stats", "")),
        ("help(filter)", ("filter", "", "")),
        ("help('mean', package = 'base')", ("mean", "base", "")),
        ("??spline", ("", "", "spline")),
        ("help(package = 'stats')", ("", "stats", "")),
        ("vignette('dplyr')", ("vignette:dplyr", "dplyr", "")),
    ],
)
def test_asking_for_help_tells_the_window(known: AgentKernel, code: str, wish: tuple[str, str, str]) -> None:
    reply = known.run(code)
    wishes = [event["params"] for event in reply.events if event.get("event") == "help.show"]
    assert [(one["topic"], one["package"], one["search"]) for one in wishes] == [wish]
    assert reply.text == ""
    assert not reply.content.get("payload")


def test_what_is_not_found_is_said_in_the_console(known: AgentKernel) -> None:
    reply = known.run("?no_such_topic")
    assert not [event for event in reply.events if event.get("event") == "help.show"]
    assert "no_such_topic" in str(reply.content.get("payload"))


def test_values_are_shown_as_ever(known: AgentKernel) -> None:
    assert known.run("x <- 41; x + 1").of("display_data")[0]["data"]["text/plain"] == "[1] 42"
    assert known.run("invisible(?lm)").events == []


def test_the_users_code_is_not_run(known: AgentKernel, shared_home: Path) -> None:
    canary = shared_home / "canary"
    for name in ("active", "lazy", "loud", "print.loud", "canary"):
        known.ask("help.page", topic=name)
        known.ask("help.at", code=name, offset=len(name))
    known.ask("help.search", text="loud")
    assert not canary.exists()
    known.run("loud")
    assert canary.exists(), "the canary cannot sing, so the test proves nothing"
