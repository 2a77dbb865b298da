"""Signatures and hover: what the session knows of a function or a name, read from slots and never from running it."""

from __future__ import annotations

import re
import types
from typing import Any, NamedTuple

from fourpane_plugins.lang_python.agent import look, place, things

DOC_CAP = 60_000
HOVER_DOC_LENGTH = 1_500
_ARGUMENT_NAME = re.compile(rf"^\s*({place.NAME})\s*=(?!=)")
_DOC_SIGNATURE = re.compile(r"^\s*[\w.]+\((.*?)\)\s*(?:->.*)?$", re.DOTALL)
_SECTION = re.compile(r"^\s*Parameters\s*\n\s*-{3,}\s*\n(.*?)(?=\n\s*\w[\w ]*\n\s*-{3,}|\Z)", re.DOTALL | re.MULTILINE)


class Parameter(NamedTuple):
    """One parameter as the signature shows it. `is_rest` tells `*args` and `**kwargs`, `is_named_only` what comes
    behind the star."""

    name: str
    label: str
    is_rest: bool = False
    is_named_only: bool = False


def signature(shell: Any, code: str, offset: int) -> dict[str, Any]:
    """The contract's `Signatures` of the call around `offset`."""
    where = place.place_at(code, offset)
    none: dict[str, Any] = {"signatures": [], "active_parameter": -1}
    for depth in range(len(where.brackets) - 1, -1, -1):
        bracket = where.brackets[depth]
        chain = place.chain_before(where.text[: bracket.at]) if bracket.kind == "(" else ""
        found = things.resolve(shell.user_ns, chain) if chain else None
        if bracket.kind == "(" and (chain or depth == 0):
            parameters = parameters_of(found) if found is not None else None
            return none if found is None or parameters is None else _answer(chain, found, parameters, where, bracket)
    return none


def _answer(
    chain: str, found: things.Thing, parameters: list[Parameter], where: place.Place, bracket: place.Bracket
) -> dict[str, Any]:
    documentation = things.documentation(found)[:DOC_CAP]
    notes = parameter_notes(documentation)
    name = chain.rpartition(".")[2].strip()
    return {
        "signatures": [
            {
                "label": name + "(" + ", ".join(p.label for p in parameters) + ")",
                "parameters": [{"name": p.name, "label": p.label, "doc": notes.get(p.name, "")} for p in parameters],
                "doc": summary(documentation),
            }
        ],
        "active_parameter": _active(parameters, where, bracket),
    }


def _active(parameters: list[Parameter], where: place.Place, bracket: place.Bracket) -> int:
    """By the name before `=`, else by the count of commas."""
    last = bracket.commas[-1] if bracket.commas else bracket.at
    named = _ARGUMENT_NAME.match(where.text[last + 1 :])
    if named:
        rest = -1
        for index, parameter in enumerate(parameters):
            if parameter.name == named.group(1) and not parameter.is_rest:
                return index
            if parameter.is_rest and parameter.label.startswith("**"):
                rest = index
        return rest
    count = len(bracket.commas)
    for index, parameter in enumerate(parameters):
        if parameter.is_rest and index <= count:
            return index
    return count if count < len(parameters) and not parameters[count].is_named_only else -1


def parameter_names(namespace: dict[str, Any], where: place.Place) -> list[str]:
    """Parameters that could be given by name in the call around the place, those given already left out."""
    inner = where.inner
    if inner is None or inner.kind != "(":
        return []
    last = inner.commas[-1] if inner.commas else inner.at
    if not re.match(rf"\s*(?:{place.NAME})?$", where.text[last + 1 :]):
        return []
    chain = place.chain_before(where.text[: inner.at])
    found = things.resolve(namespace, chain) if chain else None
    parameters = parameters_of(found) if found is not None else None
    given = set(re.findall(rf"({place.NAME})\s*=(?!=)", where.text[inner.at :]))
    return [p.name for p in parameters or [] if not p.is_rest and p.name.isidentifier() and p.name not in given]


def parameters_of(found: things.Thing) -> list[Parameter] | None:
    """The parameters of what `found` calls, or None where they are not known."""
    function = things.function_of(found)
    if function is not None:
        return _python_parameters(function[0])[1 if function[1] else 0 :]
    if not found.has_value:
        return None
    text = _text_signature(found.value)
    if not text:
        match = _DOC_SIGNATURE.match(things.documentation(found).lstrip().split("\n\n", 1)[0])
        text = "(" + match.group(1) + ")" if match else ""
    return _text_parameters(text) if text else None


def _python_parameters(function: types.FunctionType) -> list[Parameter]:
    code = function.__code__
    defaults = types.FunctionType.__dict__["__defaults__"].__get__(function) or ()
    named_defaults = types.FunctionType.__dict__["__kwdefaults__"].__get__(function) or {}
    count, named = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    found = []
    for index, name in enumerate(names[:count]):
        at = index - (count - len(defaults))
        found.append(Parameter(name, name + ("=" + _default(defaults[at]) if at >= 0 else "")))
    rest = list(names[count + named : count + named + 2])
    if code.co_flags & 0x04:
        name = rest.pop(0)
        found.append(Parameter(name, "*" + name, is_rest=True))
    for name in names[count : count + named]:
        default = "=" + _default(named_defaults[name]) if name in named_defaults else ""
        found.append(Parameter(name, name + default, is_named_only=True))
    if code.co_flags & 0x08:
        found.append(Parameter(rest[0], "**" + rest[0], is_rest=True))
    return found


def _default(value: Any) -> str:
    text = look.preview(value, 1, look.Budget(0.002))
    if text is None:
        kind = look.kind_of(value)
        text = look.type_name(value) if kind == "class" else "<" + look.type_name(type(value)) + ">"
    return text if len(text) <= 60 else text[:59] + "…"


def _text_signature(value: Any) -> str:
    """What C functions say of themselves."""
    if look.is_class(value):
        text = type.__dict__["__text_signature__"].__get__(value)
    else:
        slot = look.type_dict(type(value)).get("__text_signature__")
        text = slot.__get__(value) if type(slot) is types.GetSetDescriptorType else None
    return text if type(text) is str else ""


def _text_parameters(text: str) -> list[Parameter]:
    parts = _split(text.strip()[1:-1])
    found: list[Parameter] = []
    is_named_only = False
    for part in parts:
        if not part or part == "/" or part.startswith("$") or part == "self":
            continue
        if part == "*":
            is_named_only = True
            continue
        name = part.lstrip("*").split("=", 1)[0].split(":", 1)[0].strip(" []")
        found.append(Parameter(name, part, part.startswith("*"), is_named_only))
        is_named_only = is_named_only or (part.startswith("*") and not part.startswith("**"))
    return found


def _split(text: str) -> list[str]:
    """At commas outside brackets and strings."""
    parts, depth, quote, current = [], 0, "", ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(current.strip())
            current = ""
            continue
        current += character
    return [*parts, current.strip()]


def summary(documentation: str) -> str:
    """The first paragraph, without a line that only repeats the signature."""
    paragraphs = [p.strip() for p in documentation.strip().split("\n\n") if p.strip()]
    if paragraphs and _DOC_SIGNATURE.match(paragraphs[0]) and len(paragraphs) > 1:
        paragraphs.pop(0)
    return " ".join(paragraphs[0].split())[:500] if paragraphs else ""


def parameter_notes(documentation: str) -> dict[str, str]:
    """The first line on each parameter, from a section in numpy's style."""
    match = _SECTION.search(documentation)
    notes: dict[str, str] = {}
    if match is None:
        return notes
    lines = match.group(1).split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    for index, line in enumerate(lines[:-1]):
        if line.strip() and len(line) - len(line.lstrip()) == margin:
            names, _, kind = line.partition(":")
            following = lines[index + 1].strip()
            for name in names.split(","):
                notes[name.strip().lstrip("*")] = (kind.strip() + ". " + following).strip(". ")[:200]
    return notes


def hover(shell: Any, code: str, offset: int) -> dict[str, Any]:
    """The contract's `Hover` for the name at `offset`."""
    tail = re.match(r"\w*", code[offset:])
    end = offset + (tail.end() if tail else 0)
    where = place.place_at(code, end)
    chain = "" if where.quote or where.in_comment else place.chain_before(where.text)
    found = things.resolve(shell.user_ns, chain) if chain and not where.text[-1:].isspace() else None
    if found is None:
        return {"title": "", "first": offset, "end": offset}
    name = chain.rpartition(".")[2].strip()
    return dict(_about(shell.user_ns, chain, name, found), first=end - len(name), end=end)


def _about(namespace: dict[str, Any], chain: str, name: str, found: things.Thing) -> dict[str, Any]:
    kind = look.kind_of(found.value) if found.has_value else ""
    if not found.has_value:
        return {"title": chain, "type_name": look.type_name(found.cls)}
    if kind in ("function", "class", "module") or things.documentation(found):
        parameters = parameters_of(found) if kind != "module" else None
        title = name + "(" + ", ".join(p.label for p in parameters) + ")" if parameters is not None else name
        text = things.documentation(found).strip()[:HOVER_DOC_LENGTH]
        about = {"title": title, "type_name": kind or look.type_name(found.cls), "text": text}
        if kind:
            from fourpane_plugins.lang_python.agent import help_pages

            about["package"], about["version"] = help_pages.home_of(namespace, chain)
        return about
    entry = look.describe(found.value)
    shape = " × ".join(str(size) for size in entry[2])
    preview = entry[3] if entry[5] else "not evaluated"
    return {"title": chain, "type_name": entry[1] + (" (" + shape + ")" if shape else ""), "preview": preview}
