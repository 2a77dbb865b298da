"""What lies inside R's values, what they take, and what is done to variables, in a real kernel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ide.kernels import contract
from tests.kernel.agents.conftest import StartKernel
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.test_r_agent import CLEAR, HOSTILE


@pytest.fixture
def fresh(r: AgentKernel) -> AgentKernel:
    """The shared kernel without names of earlier tests, and synced."""
    r.run(CLEAR)
    r.ask("variables.sync", full=True)
    return r


def children_of(kernel: AgentKernel, *path: str, **paging: int) -> contract.VariableChildren:
    answer = kernel.ask("variables.children", path=list(path), **paging)
    assert isinstance(answer, contract.VariableChildren)
    return answer


def shown(kernel: AgentKernel, *path: str) -> list[tuple[str, str, str]]:
    """Label, type and preview of each part."""
    return [(c.label, c.entry.type_name, c.entry.preview) for c in children_of(kernel, *path).children]


def path_to(kernel: AgentKernel, name: str, labels: list[str]) -> list[str]:
    path = [name]
    for label in labels:
        path.append(next(c.token for c in children_of(kernel, *path).children if c.label == label))
    return path


def refusal(kernel: AgentKernel, method: str, **params: Any) -> str:
    """The words of a request that is refused."""
    error = kernel.ask_raw({"method": method, "params": params})["error"]
    assert error["code"] == "not_possible", error
    return str(error["message"])


PARTS = [
    ("list(a = 1, 'x', a = NULL)", [("a", "numeric", "1"), ("[[2]]", "character", '"x"'), ("a", "NULL", "NULL")]),
    ("list()", []),
    ("data.frame(x = 1:2, `y z` = c('a', NA), check.names = FALSE)",
     [("x", "integer", "1 2"), ("y z", "character", '"a" NA')]),
    ("tibble::tibble(q = 1, l = list(2))", [("q", "numeric", "1"), ("l", "list", "")]),
    ("data.table::data.table(a = 1)", [("a", "numeric", "1")]),
    ("local({ b <- 2; a <- 'x'; environment() })", [("a", "character", '"x"'), ("b", "numeric", "2")]),
    ("structure(1:3, note = 'mine')", [('attr(,"note")', "character", '"mine"')]),
    ("structure(list(1), class = 'own', extra = 2)", [("[[1]]", "numeric", "1"), ('attr(,"extra")', "numeric", "2")]),
    ("as.pairlist(list(p = 1))", [("p", "numeric", "1")]),
    ("expression(a + b)", [("[[1]]", "call", "a + b")]),
    ("local({ kept <- 4; function() kept })", [("environment", "environment", "")]),
    ("function(x) x", []),
    ("mean", []),
    ("matrix(list(1, 'a'), 1)", [("[[1]]", "numeric", "1"), ("[[2]]", "character", '"a"')]),
    ("factor('u')", []),
    ("1:3", []),
    ("as.POSIXct('2020-01-01', tz = 'UTC')", []),
    ("new('Named', number = 3)", [("@number", "numeric", "3")]),
    ("new('Listed', list(1), more = 'm')", [("[[1]]", "numeric", "1"), ("@more", "character", '"m"')]),
    ("Counter$new()", [("add", "function", "function(n)"), ("count", "numeric", "0"), ("double", "active binding", ""),
                       ("private", "environment", "")]),
    ("y ~ x", [('attr(,".Environment")', "environment", "")]),
]  # fmt: skip
CLASSES = (
    "setClass('Named', representation(number = 'numeric'))\n"
    "setClass('Listed', contains = 'list', slots = c(more = 'character'))\n"
    "Counter <- R6::R6Class('Counter', cloneable = FALSE, public = list(count = 0, add = function(n) n),\n"
    "  private = list(secret = 7), active = list(double = function() stop('no')))\n"
)


def test_parts_are_told_truly(fresh: AgentKernel) -> None:
    reply = fresh.run(CLASSES + "\n".join(f"v{n} <- {code}" for n, (code, _) in enumerate(PARTS)))
    assert reply.status == "ok", reply.content
    found = {code: shown(fresh, f"v{n}") for n, (code, _) in enumerate(PARTS)}
    assert found == dict(PARTS)
    counter = next(n for n, (code, _) in enumerate(PARTS) if "Counter" in code)
    assert shown(fresh, *path_to(fresh, f"v{counter}", ["private"])) == [("secret", "numeric", "7")]


def test_long_lists_are_told_in_parts(fresh: AgentKernel) -> None:
    fresh.run("long <- as.list(1:250); names(long) <- paste0('k', 1:250)")
    answer = children_of(fresh, "long", first=200, limit=100)
    assert (answer.total, len(answer.children), answer.children[-1].label) == (250, 50, "k250")
    assert len(children_of(fresh, "long").children) == 100
    assert children_of(fresh, "long", first=300).children == ()


def test_paths_lead_on_and_survive_changes(fresh: AgentKernel) -> None:
    fresh.run("l <- list(x = 0, e = local({ deep <- list(10, 20); environment() }))")
    path = path_to(fresh, "l", ["e", "deep", "[[2]]"])
    assert fresh.ask("variables.literal", path=path).text == "20"
    fresh.run("l <- c(list(new = 1, more = 2), l); l$x <- NULL")
    assert fresh.ask("variables.literal", path=path).text == "20"
    fresh.run("l$e <- NULL")
    assert "not there any more" in refusal(fresh, "variables.literal", path=path)
    assert "no variable nothing" in refusal(fresh, "variables.children", path=["nothing"])


def test_what_contains_itself_can_be_followed(fresh: AgentKernel) -> None:
    fresh.run("loop <- new.env(); loop$again <- loop")
    path = ["loop", *[children_of(fresh, "loop").children[0].token] * 30]
    assert [c.label for c in children_of(fresh, *path).children] == ["again"]


def test_sizes_are_those_of_r(fresh: AgentKernel) -> None:
    fresh.run(
        "n <- numeric(1e6); s <- c('a', 'b'); l <- list(1, 'x'); compact <- 1:1e9; e <- new.env()\n"
        "many <- as.character(1:1e6); delayedAssign('p', stop())"
    )
    names = ["n", "s", "l", "compact", "e", "many", "p", "nothing"]
    found: dict[str, int | None] = {}
    for _ in names:  # an answer holds what time allowed
        rest = [name for name in names if name not in found]
        found.update({one.name: one.size_bytes for one in fresh.ask("variables.sizes", names=rest).sizes})
    told = [int(text) for text in fresh.run("cat(object.size(n), object.size(s), object.size(l))").text.split()]
    assert found == {"n": told[0], "s": told[1], "l": told[2], "compact": 680, "e": None, "many": None, "p": None}


# ---- acts -----------------------------------------------------------------------------------------------------------


def test_removed_names_come_back_unless_taken(fresh: AgentKernel) -> None:
    fresh.run("a <- 1:3; `b c` <- 2; delayedAssign('p', {cat('FORCED'); 5})")
    fresh.ask("variables.sync")
    act = fresh.ask("variables.remove", names=["a", "b c", "p"])
    assert (act.code, act.names, act.note) == ("rm(a, `b c`, p)", ("a", "b c", "p"), "")
    assert set(fresh.ask("variables.sync").removed) == {"a", "b c", "p"}
    fresh.run("`b c` <- 3")
    undone = fresh.ask("variables.undo", undo=act.undo)
    assert (undone.names, undone.note) == (("a", "p"), "b c is there again and was left alone.")
    assert fresh.run("cat(a, `b c`, ''); cat(p)").text == "1 2 3 3 FORCED5"
    assert "cannot be taken back any more" in refusal(fresh, "variables.undo", undo=act.undo)
    assert "no variables" in refusal(fresh, "variables.remove", names=["nothing"])


def test_only_the_last_ten_acts_are_kept(start: StartKernel, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    kernel.run(
        "sing <- function(e) cat('.', file = 'gone', append = TRUE)\n"
        "for (i in 1:12) local({\n e <- new.env(); reg.finalizer(e, sing)\n"
        " assign(paste0('v', i), e, envir = globalenv())\n})"
    )
    for n in range(1, 13):
        kernel.ask("variables.remove", names=[f"v{n}"])
    kernel.run("invisible(gc()); invisible(gc())")
    assert (tmp_path / "gone").read_text(encoding="utf-8") == ".."


def test_rename_and_duplicate(fresh: AgentKernel) -> None:
    fresh.run("a <- list(1); dt <- data.table::data.table(x = 1); e <- new.env()")
    act = fresh.ask("variables.rename", name="a", to="my b")
    assert (act.code, act.names) == ("`my b` <- a\nrm(a)", ("a", "my b"))
    assert fresh.ask("variables.undo", undo=act.undo).names == ("a", "my b")
    act = fresh.ask("variables.duplicate", name="a", to="copied")
    assert (act.code, act.note) == ("copied <- a", "")
    fresh.ask("variables.undo", undo=act.undo)
    assert fresh.run("cat(exists('a'), exists('my b'), exists('copied'))").text == "TRUE FALSE FALSE"
    assert fresh.ask("variables.duplicate", name="dt", to="dt2").code == "dt2 <- data.table::copy(dt)"
    assert fresh.run("data.table::set(dt, 1L, 'x', 9); cat(dt2$x)").text == "1"
    assert "does not copy" in fresh.ask("variables.duplicate", name="e", to="e2").note
    for to, words in (("dt", "There is a variable dt already"), ("", "cannot be a name")):
        assert words in refusal(fresh, "variables.rename", name="a", to=to)


EDITS = [
    ("x", [], "41 + one", "x <- 41 + one", "x", "42"),
    ("l", ["k"], "'new'", "l$k <- 'new'", "l$k", "new"),
    ("l", ["in", "[[2]]"], "c(7, 8)", 'l[["in"]][[2]] <- c(7, 8)', "l[['in']][[2]]", "7 8"),
    ("e", ["a b"], "5", "e$`a b` <- 5", "e$`a b`", "5"),
    ("e", ["nest", "z"], "5", "e$nest$z <- 5", "e$nest$z", "5"),
    ("df", ["c"], "9:10", "df$c <- 9:10", "df$c", "9 10"),
    ("s4", ["@number"], "4", "s4@number <- 4", "s4@number", "4"),
    ("at", ['attr(,"note")'], "'n'", "attr(at, \"note\") <- 'n'", "attr(at, 'note')", "n"),
    ("f", ["environment", "kept"], "6", "environment(f)$kept <- 6", "f()", "6"),
]
EDITABLE = (
    "one <- 1; x <- 0; l <- list(k = 'old', `in` = list(1, 2)); e <- new.env(); e$`a b` <- 1; e$nest <- list(z = 1)\n"
    "df <- data.frame(c = 1:2); setClass('Named', representation(number = 'numeric')); s4 <- new('Named', number = 1)\n"
    "at <- structure(1, note = 'old'); f <- local({ kept <- 1; function() kept })\n"
)


@pytest.mark.parametrize(("name", "labels", "code", "line", "shows", "expected"), EDITS, ids=[e[3] for e in EDITS])
def test_values_are_edited_in_place_and_back(
    fresh: AgentKernel, name: str, labels: list[str], code: str, line: str, shows: str, expected: str
) -> None:
    fresh.run(EDITABLE)
    before = fresh.run(f"cat({shows})").text
    fresh.ask("variables.sync")
    act = fresh.ask("variables.edit", path=path_to(fresh, name, labels), code=code)
    assert (act.code, act.names) == (line, (name,))
    assert fresh.run(f"cat({shows})").text == expected
    fresh.ask("variables.undo", undo=act.undo)
    assert fresh.run(f"cat({shows})").text == before


def test_an_edit_shows_in_the_next_difference(fresh: AgentKernel) -> None:
    fresh.run("x <- c(1, 2); invisible(0)")
    fresh.ask("variables.sync")
    fresh.ask("variables.edit", path=["x"], code="c(3, 4)")
    assert [v.preview for v in fresh.ask("variables.sync").changed] == ["3 4"]


def test_edits_that_cannot_be_are_refused_in_words(fresh: AgentKernel) -> None:
    fresh.run(EDITABLE)
    assert "unexpected end of input" in refusal(fresh, "variables.edit", path=["x"], code="1 +")
    assert "one value" in refusal(fresh, "variables.edit", path=["x"], code="1; rm(l)")
    assert refusal(fresh, "variables.edit", path=["x"], code="nothing") == "object 'nothing' not found"
    assert fresh.run("cat(x, exists('l'))").text == "0 TRUE"
    assert fresh.ask("variables.edit", path=["x"], code="as.numeric('a')").note == "NAs introduced by coercion"


def test_an_edit_is_not_taken_back_over_what_came_later(fresh: AgentKernel) -> None:
    fresh.run(EDITABLE)
    act = fresh.ask("variables.edit", path=path_to(fresh, "l", ["k"]), code="1")
    fresh.run("l$other <- 2")
    assert "left alone" in fresh.ask("variables.undo", undo=act.undo).note
    assert fresh.run("cat(l$k, l$other)").text == "1 2"


LITERALS = [
    "1", "1L", "0.1", "9007199254740994", "0.30000000000000004", "TRUE", "NULL", "NA_character_", "c(NaN, Inf, NA)",
    "1:3", '"a\\nb"',
    "c(a = 1, b = 2)", "list(a = 1, list())", "character(0)", "complex(real=1, imaginary=NaN)",
    'structure(list(f = structure(1L, levels = "a", class = "factor")), class = "data.frame", row.names = c(NA, -1L))',
    'structure(1:4, dim = c(2L, 2L))', 'structure(18262, class = "Date")', "as.raw(c(0x01, 0x02))",
]  # fmt: skip


def test_literals_are_code_for_the_value(fresh: AgentKernel) -> None:
    fresh.run("\n".join(f"v{n} <- {code}" for n, code in enumerate(LITERALS)))
    for n, code in enumerate(LITERALS):
        text = fresh.ask("variables.literal", path=[f"v{n}"]).text
        assert fresh.run(f"cat(identical(v{n}, {text}))").text == "TRUE", (code, text)
        if len(code) < 8:
            assert text == code
    fresh.run("long <- as.list(1:20000); e <- new.env(); f <- function() 1; q <- quote(a); half <- list(1, f)")
    long = fresh.ask("variables.literal", path=["long"])
    assert (long.text, long.is_cut) == ("", True)
    assert [fresh.ask("variables.literal", path=[name]).text for name in ("e", "f", "q", "half")] == ["", "", "", ""]


# ---- files ----------------------------------------------------------------------------------------------------------

SAVED = (
    "df <- data.frame(x = c(1, 2^53 + 2), f = factor(c('u', NA)),\n"
    "  t = as.POSIXct(c(0, NA), origin = '1970-01-01', tz = 'UTC'))\n"
    "tb <- tibble::tibble(l = list(1, 'ä')); dt <- data.table::data.table(a = 1:2); m <- matrix(1:4, 2)\n"
    "`a/b` <- 'odd'; s <- 1:1e6\n"
)
NAMES = ["df", "tb", "dt", "m", "a/b", "s"]


def test_variables_are_saved_and_come_back(fresh: AgentKernel, tmp_path: Path) -> None:
    fresh.run(SAVED)
    folder = tmp_path / "saved"
    act = fresh.ask("variables.save", names=NAMES, folder=str(folder))
    assert (list(act.names), act.note) == (NAMES, "")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["manifest.json", "df.rds", "tb.rds", "dt.rds", "m.rds", "a_b.rds", "s.rds"]
    )
    fresh.run("old <- mget(" + "c('" + "', '".join(NAMES) + "')); rm(list = names(old))")
    back = fresh.ask("variables.load", path=str(folder))
    assert (list(back.names), back.note) == (NAMES, "")
    assert fresh.run("cat(mapply(function(n) isTRUE(all.equal(old[[n]], get(n))), names(old)))").text == " ".join(
        ["TRUE"] * len(NAMES)
    )
    assert "saved variables in this folder already" in refusal(fresh, "variables.save", names=["m"], folder=str(folder))
    again = fresh.ask("variables.load", path=str(folder / "m.rds"))
    assert (again.names, "m already" in again.note) == (("m_2",), True)
    fresh.ask("variables.undo", undo=again.undo)
    assert fresh.run("cat(exists('m_2'))").text == "FALSE"
    (folder / "m.rds").unlink()
    assert fresh.run(act.code).status == "ok"
    assert (folder / "m.rds").exists()


BOMBS = {
    "function": "function() cat('sung', file = canary)",
    "environment": "local({ makeActiveBinding('a', function() sing(), environment()); environment() })",
    "nested": "list(1, list(quote(cat('sung', file = canary))))",
    "attribute": "structure(1, sing = function() 1)",
    "formula": "y ~ x",
    "s4": "new('Named', number = 1)",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_may_hold_code_is_a_named_act_both_ways(fresh: AgentKernel, tmp_path: Path, kind: str) -> None:
    fresh.run(f"setClass('Named', representation(number = 'numeric')); canary <- {str(tmp_path / 'canary')!r}\n"
              f"bomb <- {BOMBS[kind]}; fine <- 1")  # fmt: skip
    folder = tmp_path / "saved"
    act = fresh.ask("variables.save", names=["bomb", "fine"], folder=str(folder))
    assert (act.names, act.left_out, "bomb was not saved" in act.note) == (("fine",), ("bomb",), True)
    alone = fresh.ask("variables.save", names=["bomb"], folder=str(tmp_path / "alone"))
    assert (alone.names, alone.left_out, (tmp_path / "alone").exists()) == ((), ("bomb",), False)
    folder = tmp_path / "all"
    fresh.ask("variables.save", names=["bomb"], folder=str(folder), allows_pickle=True)
    fresh.run("rm(bomb)")
    for path in (folder, folder / "bomb.rds"):
        assert "was not loaded: it holds more than data" in refusal(fresh, "variables.load", path=str(path))
    assert not (tmp_path / "canary").exists()
    assert fresh.ask("variables.load", path=str(folder), allows_pickle=True).names == ("bomb",)


def test_what_is_too_long_to_be_looked_through_counts_as_code(fresh: AgentKernel, tmp_path: Path) -> None:
    fresh.run("long <- rep(list(1), 2e6 + 1); long[[7]] <- function() 1; text <- as.character(1:2e6)")
    act = fresh.ask("variables.save", names=["long", "text"], folder=str(tmp_path / "saved"))
    assert act.names == ("text",)


def promise_bytes(expression: str) -> bytes:
    """An .rds file whose value is a promise, as an attacker makes one: R before 4.4 runs it once it is touched."""

    def text(value: str) -> bytes:
        raw = value.encode()
        return b"\x00\x04\x00\x09" + len(raw).to_bytes(4, "big") + raw

    def symbol(value: str) -> bytes:
        return b"\x00\x00\x00\x01" + text(value)

    nil = b"\x00\x00\x00\xfe"
    base = b"\x00\x00\x00\xf1"
    unbound = b"\x00\x00\x00\xfc"
    file = b"\x00\x00\x00\x10\x00\x00\x00\x01" + text(expression)
    call = b"\x00\x00\x00\x06" + symbol("file.create") + b"\x00\x00\x00\x02" + file + nil
    promise = b"\x00\x00\x04\x05" + base + unbound + call
    return b"X\n\x00\x00\x00\x02\x00\x04\x02\x02\x00\x02\x03\x00" + promise


def test_a_promise_in_a_file_is_never_kept(fresh: AgentKernel, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    bomb = tmp_path / "bomb.rds"
    bomb.write_bytes(promise_bytes(str(canary)))
    assert "it holds more than data" in refusal(fresh, "variables.load", path=str(bomb))
    assert not canary.exists()
    fresh.run(f"bomb <- readRDS({str(bomb)!r}); bomb")
    assert canary.exists(), "the canary cannot sing, so the test proves nothing"


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "x", "file": "../secret.rds", "kind": "rds"},
        {"name": "x", "file": "sub/secret.rds", "kind": "rds"},
        {"name": "x", "file": "link.rds", "kind": "rds"},
        {"name": "x", "file": "missing.rds", "kind": "rds"},
        {"name": "x", "file": "broken.rds", "kind": "rds"},
        {"name": "x", "file": "fine.rds", "kind": "pandas"},
        {"name": ".Last", "file": "fine.rds", "kind": "rds"},
        {"name": 3},
    ],
)
def test_manifests_of_others_reach_nothing(fresh: AgentKernel, tmp_path: Path, entry: dict[str, Any]) -> None:
    folder = tmp_path / "saved"
    (folder / "sub").mkdir(parents=True)
    places = [str(tmp_path / "secret.rds"), str(folder / "sub" / "secret.rds"), str(folder / "fine.rds")]
    fresh.run("\n".join(f"saveRDS(1, {place!r})" for place in places))
    (folder / "broken.rds").write_text("{", encoding="utf-8")
    (folder / "link.rds").symlink_to(tmp_path / "secret.rds")
    content = {"format": "fourpane variables", "version": 1, "variables": [entry]}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    assert refusal(fresh, "variables.load", path=str(folder))
    assert fresh.ask("variables.sync", full=True).total == 0


def test_files_of_others_are_loaded_by_their_suffix(fresh: AgentKernel, tmp_path: Path) -> None:
    (tmp_path / "my data.csv").write_text("a,b c\n1,x\n", encoding="utf-8")
    assert fresh.ask("variables.load", path=str(tmp_path / "my data.csv")).names == ("my.data",)
    assert fresh.run("cat(names(my.data), sep = ';')").text == "a;b c"
    fresh.run(f"kept <- 1; save(kept, file = {str(tmp_path / 'a.RData')!r}); rm(kept)")
    assert "can hold code" in refusal(fresh, "variables.load", path=str(tmp_path / "a.RData"))
    assert fresh.ask("variables.load", path=str(tmp_path / "a.RData"), allows_pickle=True).names == ("kept",)
    for name, words in (("a.exe", "cannot be loaded"), ("none.csv", "no such file")):
        assert words in refusal(fresh, "variables.load", path=str(tmp_path / name))


# ---- one object -----------------------------------------------------------------------------------------------------


def test_objects_are_described(fresh: AgentKernel) -> None:
    fresh.run(
        CLASSES + "go <- function(far, fast = TRUE) {\n  # a remark\n  far\n}\n"
        "summary.mine <- function(object, ...) 1; m <- structure(list(1), class = 'mine', note = 'n')\n"
        "s4 <- new('Named', number = 3); df <- data.frame(a = 1); c1 <- Counter$new()"
    )
    found = fresh.ask("object.info", path=["go"])
    assert found.title == "go(far, fast = TRUE)"
    assert found.source == "function(far, fast = TRUE) {\n  # a remark\n  far\n}"
    found = fresh.ask("object.info", path=["m"])
    assert (found.title, found.type_name, found.classes) == ("m", "mine", ("mine",))
    rows = {(member.name, member.kind): member for member in found.members}
    assert rows["note", "attribute"].preview == '"n"'
    assert rows["summary", "method"].preview == "summary.mine"
    found = fresh.ask("object.info", path=["df"])
    assert {"print", "summary", "merge"} <= {m.name for m in found.members if m.kind == "method"}
    found = fresh.ask("object.info", path=["s4"])
    assert [(m.name, m.kind, m.preview) for m in found.members[:1]] == [("number", "slot", "3")]
    kinds = {m.name: m.kind for m in fresh.ask("object.info", path=["c1"]).members}
    assert (kinds["add"], kinds["count"], kinds["double"]) == ("method", "attribute", "property")


# ---- hostile objects ------------------------------------------------------------------------------------------------

MORE_HOSTILE = """
for (generic in c("attributes", "attr", "as.environment", "environment", "formals", "body", "deparse", "identical",
                  "object.size", "class", "oldClass", "unclass", "is.list", "is.function", "ls", "names<-", "rm",
                  "seq_along", "lengths", "anyNA", "is.environment", "mode", "typeof", "saveRDS", "as.vector",
                  "print", "$<-", "[[<-", "[<-", "c", "rev", "head", "xtfrm", "nrow", "ncol", "t", "close", "force")) {{
  assign(paste0(generic, ".evil"), sing)
}}
evil_parts <- structure(list(structure(list(structure(1:3, class = "evil")), class = "evil"), NULL), class = "evil",
                        note = structure("a", class = "evil"))
evil_pairs <- structure(as.pairlist(list(a = evil_parts)), class = "evil")
evil_frames <- structure(list(a = structure(1:2, class = "evil")), class = c("evil", "data.frame"),
                         row.names = structure(1:2, class = "evil"))
evil_formals <- formals(function(a, b = sing()) 1)
evil_own <- local({{
  delayedAssign("lazy", sing()); makeActiveBinding("act", sing, environment()); function(x = sing()) lazy
}})
attr(evil_own, "srcref") <- structure(1:8, class = "evil", srcfile = evil_env)
evil_expression <- expression(sing(), evil_promise)
evil_deep <- list(env = evil_env, r6 = evil_r6, s4 = evil_s4, f = evil_own)
evil_dots <- (function(...) environment())(sing(), b = sing())
evil_args <- (function(a, b = sing()) environment())(sing())
evil_s4_list <- suppressWarnings({{ setClass("EvilList", contains = "list"); new("EvilList", list(evil_parts)) }})
EvilRef <- setRefClass("EvilRef", fields = list(f = "numeric", act = function(v) sing()),
                       methods = list(show = function() sing()))
evil_ref <- EvilRef$new(f = 1)
invisible(if (file.exists(canary)) file.remove(canary))
"""


def test_hostile_objects_run_nothing(fresh: AgentKernel, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for code in (HOSTILE, MORE_HOSTILE):
        reply = fresh.run(code.format(canary=canary.as_posix()))
        assert reply.status == "ok", reply.content
    for _ in range(3):
        change = fresh.ask("variables.sync", full=True)
    names = [v.name for v in change.added if v.name.startswith("evil") or v.name == "sing"]
    assert len(names) > 20
    fresh.run("invisible(if (file.exists(canary)) file.remove(canary))")
    seen = 0
    waiting = [[name] for name in names if name not in ("evil_promise", "evil_active")]
    while waiting:
        path = waiting.pop()
        seen += 1
        children = fresh.ask_raw({"method": "variables.children", "params": {"path": path, "limit": 25}})
        for child in children["result"]["children"] if "result" in children and len(path) < 4 else ():
            waiting.append([*path, child["token"]])
        for method in ("object.info", "variables.literal"):
            answer = fresh.ask_raw({"method": method, "params": {"path": path}})
            assert answer.get("error", {}).get("code", "not_possible") == "not_possible", (path, answer)
    assert seen > 60
    for name in ("evil_promise", "evil_active"):
        assert "would run code" in refusal(fresh, "object.info", path=[name])
    for _ in range(20):
        fresh.ask("variables.sizes", names=names)
    act = fresh.ask("variables.remove", names=names)
    fresh.ask("variables.undo", undo=act.undo)
    fresh.ask("variables.save", names=[*names, "fine"], folder=str(tmp_path / "saved"))
    assert not canary.exists(), canary.read_text()
    fresh.run("tryCatch(evil_promise, error = function(e) NULL)")
    assert canary.exists(), "the canary cannot sing, so the test proves nothing"


def test_looking_makes_no_copies(fresh: AgentKernel) -> None:
    change = "big$part[1] <- 2"
    fresh.run(f"big <- list(part = numeric(1e6)); invisible(tracemem(big$part)); {change}")
    for _ in range(2):
        path = path_to(fresh, "big", ["part"])
        fresh.ask("object.info", path=path)
        fresh.ask("variables.literal", path=path)
        fresh.ask("variables.sizes", names=["big"])
        fresh.ask("variables.sync")
        assert fresh.run(change).text == ""
    assert "tracemem" in fresh.run(f"other <- big; {change}").text, "copies are not told, so the test proves nothing"
