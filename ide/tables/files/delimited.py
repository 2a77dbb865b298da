"""Delimited text: how it is written is guessed from its beginning, then blocks are found by their places in the file.

A block is about a megabyte of whole records. Each is parsed once when it is found, which counts its rows and shows
whether the types of columns hold, and again whenever rows of it are asked for; never is more in memory. One parser
(Arrow's) makes all values; records that do not fit the columns are mended for it by Python's csv first.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from ide.core.record import replace
from ide.core.table import MISSING_IN_FILES, Code
from ide.tables.files.blocks import COLUMNS_MOST, Growing, Refused, as_type, column_of, wider
from ide.tables.files.columnar import too_many_columns
from ide.tables.files.failures import DAMAGED
from ide.tables.files.options import FileOptions
from ide.tables.files.packed import keep_free, unpacked

BLOCK_BYTES: Final = 1 << 20
RECORD_MOST_BYTES: Final = 32 << 20
SAMPLE_RECORDS: Final = 200

_SEPARATORS: Final = (",", "\t", ";", "|")
_NUMBER: Final = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?$|[-+]?(nan|inf)$", re.IGNORECASE)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$|\d\d:\d\d(:\d\d)?$")
_YEAR: Final = re.compile(r"(1[89]|20)\d\d$")
_DECIMAL_COMMA: Final = re.compile(r"[-+]?\d*,\d+$")
_DECIMAL_POINT: Final = re.compile(r"[-+]?\d*\.\d+$")
_ZEROS_FIRST: Final = r"^[-+]?0[0-9]"
_LONG_WHOLE: Final = r"^[-+]?[0-9]{16,}$"
_WIDE: Final = {"utf-16-le": b"\n\x00", "utf-16-be": b"\x00\n", "utf-32-le": b"", "utf-32-be": b""}


class DelimitedBlocks(Growing):
    """See the module. `packing` is the suffix of a compression, or empty."""

    def __init__(self, path: Path, options: FileOptions, packing: str, folder: Path) -> None:
        super().__init__(options)
        self._path = path
        self._packing = packing
        self._copy = folder / "text"
        head = self._head()
        encoding, skip = guess_encoding(head, options.encoding)
        self._is_copied = bool(packing) or encoding in _WIDE
        self._encoding = "utf-8" if encoding in _WIDE else encoding
        self._read_encoding = encoding
        self._skip = skip
        text = decoded(head[skip:], encoding)
        if not text.strip():
            raise Refused("The file is empty.", "It holds nothing but white space.")
        self.options = replace(guess_dialect(text, path, options), encoding=encoding)
        sample = split_records(text, self.options, SAMPLE_RECORDS, is_whole=len(head) < BLOCK_BYTES)
        if self.options.has_header is None:
            self.options = replace(self.options, has_header=guess_header(sample))
        self._width = _width(sample)
        if self._width > COLUMNS_MOST:
            raise too_many_columns(self._width)
        names = _names(sample, self._width) if self.options.has_header else [
            f"column {place + 1}" for place in range(self._width)
        ]  # fmt: skip
        self._fields = [f"f{place}" for place in range(self._width)]
        self.columns = [column_of(name, pa.null(), Code.NA) for name in names]
        self._places: list[tuple[int, int]] = []
        """Of each block: where it begins and ends, in the file or its copy."""
        self._mended = Counter[int]()
        self._foreign = 0

    # ---- finding blocks

    def produce(self) -> Iterator[float]:
        """One block after the other; what is compressed or in wide characters is copied out meanwhile."""
        size = max(1, self._path.stat().st_size)
        is_first = True
        with self._bytes() as pieces:
            for first, data, share in _records(pieces, self._quote_byte(), self.options.separator.encode()):
                body = data
                if is_first:
                    is_first = False
                    if self.options.has_header:
                        body = data[_record_end(data, self._quote_byte()) :]
                        first += len(data) - len(body)
                if not body.strip():
                    continue
                rows = self._look_at(body)
                self._places.append((first, first + len(body)))
                self.add(rows)
                yield share if self._packing else min(1.0, first / size)
        self._settle()

    def _look_at(self, body: bytes) -> int:
        """Rows of a block; columns become wider where its values ask for it."""
        is_guess = not self.block_count
        self._mended[self.block_count] = 0
        known = [column.type for column in self.columns]
        try:
            table = self._parse(body, known)
        except pa.ArrowInvalid:
            table = self._parse(body, [pa.string() if pa.types.is_string(kind) else pa.null() for kind in known])
        kinds = [wider(kind, field.type) for kind, field in zip(known, table.schema, strict=True)]
        if is_guess or kinds != known:
            kinds = self._exact(body, kinds, known)
        if kinds != known:
            kinds = self._accepted(body, kinds)
            self.columns = [
                column_of(column.name, kind, Code.NA) if kind != column.type else column
                for column, kind in zip(self.columns, kinds, strict=True)
            ]
            if not is_guess:
                self.schema += 1
        return int(table.num_rows)

    def _exact(self, body: bytes, kinds: list[pa.DataType], known: list[pa.DataType]) -> list[pa.DataType]:
        """Text where a number would lose something: zeros in front, more digits than a number has."""
        doubtful = [
            place
            for place, kind in enumerate(kinds)
            if kind != known[place] and (pa.types.is_integer(kind) or pa.types.is_floating(kind))
        ]
        if not doubtful:
            return kinds
        table = self._parse(body, [pa.string()] * self._width, doubtful)
        for index, place in enumerate(doubtful):
            pattern = _ZEROS_FIRST if pa.types.is_integer(kinds[place]) else f"{_ZEROS_FIRST}+$|{_LONG_WHOLE}"
            if pc.any(pc.match_substring_regex(table.column(index), pattern)).as_py():
                kinds[place] = pa.string()
        return kinds

    def _accepted(self, body: bytes, kinds: list[pa.DataType]) -> list[pa.DataType]:
        """Text for those that the parser does not take after all."""
        while True:
            try:
                self._parse(body, kinds)
            except pa.ArrowInvalid as error:
                named = re.search(r"CSV column #(\d+)", str(error))
                if named is None:
                    raise
                kinds[int(named[1])] = pa.string()
            else:
                return kinds

    def _settle(self) -> None:
        """The file has ended: say what was odd."""
        if any(pa.types.is_null(column.type) for column in self.columns):
            self.columns = [
                column_of(one.name, pa.string(), Code.NA) if pa.types.is_null(one.type) else one for one in self.columns
            ]
            self.schema += 1
        notes = []
        if mended := self._mended.total():
            notes.append(f"{mended:,} rows have more or fewer fields than the heading.")
        if self._foreign:
            notes.append("Some bytes are not UTF-8; they were read as Windows-1252.")
        self.note = " ".join(notes)

    # ---- reading blocks

    def load(self, block: int, columns: Sequence[int]) -> list[pa.Array]:
        """Parse it again."""
        return self._arrays(self._block(block), columns)

    def load_rows(self, block: int, rows: Sequence[int], columns: Sequence[int]) -> list[pa.Array]:
        """Only the lines that are asked for, where a line is a record."""
        data = self._block(block)
        count = self.starts[block + 1] - self.starts[block]
        if len(rows) * 8 > count or self._quote_byte() in data:
            return super().load_rows(block, rows, columns)
        lines = [line for line in data.split(b"\n") if line.rstrip(b"\r")]
        if len(lines) != count:
            return super().load_rows(block, rows, columns)
        return self._arrays(b"\n".join([*(lines[row] for row in rows), b""]), columns)

    def _arrays(self, data: bytes, columns: Sequence[int]) -> list[pa.Array]:
        kinds = [column.type for column in self.columns]
        order = sorted(set(columns))
        table = self._parse(data, kinds, order)
        return [
            as_type(table.column(order.index(column)).combine_chunks(), kinds[column])
            if not pa.types.is_null(kinds[column])
            else pa.nulls(table.num_rows, pa.null())
            for column in columns
        ]

    def _block(self, block: int) -> bytes:
        first, end = self._places[block]
        with (self._copy if self._is_copied else self._path).open("rb") as file:
            file.seek(first)
            data = file.read(end - first)
        if len(data) < end - first:
            raise Refused("The file became shorter while it was open.", "", "Open it again.", kind="gone")
        return data

    def _parse(self, data: bytes, kinds: Sequence[pa.DataType], columns: Sequence[int] | None = None) -> pa.Table:
        if self._encoding != "utf-8":
            data = data.decode(self._encoding, "replace").encode()
        try:
            return self._parse_utf8(data, kinds, columns)
        except pa.ArrowInvalid as error:
            if "UTF8" not in str(error) and "UTF-8" not in str(error):
                raise
            self._foreign += 1
            return self._parse_utf8(data.decode("cp1252", "replace").encode(), kinds, columns)

    def _parse_utf8(self, data: bytes, kinds: Sequence[pa.DataType], columns: Sequence[int] | None) -> pa.Table:
        try:
            return self._parse_exact(data, kinds, columns)
        except pa.ArrowInvalid as error:
            if "Expected" not in str(error) and "straddling" not in str(error) and "quot" not in str(error):
                raise
        mended = self._mend(data)
        return self._parse_exact(mended, kinds, columns)

    def _parse_exact(self, data: bytes, kinds: Sequence[pa.DataType], columns: Sequence[int] | None) -> pa.Table:
        typed = {name: kind for name, kind in zip(self._fields, kinds, strict=True) if not pa.types.is_null(kind)}
        return arrow_csv.read_csv(
            pa.BufferReader(data),
            arrow_csv.ReadOptions(
                column_names=self._fields, block_size=max(len(data) + 1, 4096), use_threads=len(data) > 65_536
            ),
            arrow_csv.ParseOptions(
                delimiter=self.options.separator,
                quote_char=self.options.quote or False,
                double_quote=True,
                newlines_in_values=bool(self.options.quote),
            ),
            arrow_csv.ConvertOptions(
                column_types=typed,
                null_values=list(MISSING_IN_FILES),
                strings_can_be_null=False,
                true_values=["true", "True", "TRUE"],
                false_values=["false", "False", "FALSE"],
                decimal_point=self.options.decimal or ".",
                include_columns=[self._fields[place] for place in columns] if columns is not None else [],
            ),
        )

    def _mend(self, data: bytes) -> bytes:
        """Records with too few fields get empty ones, what is too much goes into the last field."""
        width = self._width
        sink = io.StringIO()
        separator, quote = self.options.separator, self.options.quote or '"'
        writer = csv.writer(sink, delimiter=separator, quotechar=quote, lineterminator="\n")
        records = _reader(io.StringIO(data.decode("utf-8", "replace"), newline=""), self.options)
        mended = 0
        for record in records:
            if not record:
                continue
            if len(record) != width:
                mended += 1
                if len(record) > width:
                    record = [*record[: width - 1], separator.join(record[width - 1 :])]
                else:
                    record = [*record, *[""] * (width - len(record))]
            writer.writerow(record)
        if threading.current_thread() is self._thread:
            # A block that is found is looked at until its types are right: the last count holds.
            self._mended[self.block_count] = mended
        return sink.getvalue().encode()

    # ---- bytes

    def _quote_byte(self) -> bytes:
        return (self.options.quote or "\x00").encode()

    def _head(self) -> bytes:
        with unpacked(self._path, self._packing) as stream:
            found = b""
            while len(found) < BLOCK_BYTES and (more := stream.read(BLOCK_BYTES - len(found))):
                found += more
        return found

    def _bytes(self) -> _Pieces:
        copy = self._copy if self._is_copied else None
        return _Pieces(self._path, self._packing, self._read_encoding, self._skip, copy)


class _Pieces:
    """The bytes of the text, with their places; in UTF-8 and copied where the file itself cannot be read in blocks."""

    def __init__(self, path: Path, packing: str, encoding: str, skip: int, copy: Path | None) -> None:
        self._path, self._packing, self._encoding, self._skip, self._copy = path, packing, encoding, skip, copy
        self._sink: IO[bytes] | None = None
        self.place = 0 if copy is not None else skip

    def __enter__(self) -> _Pieces:
        self._manager = unpacked(self._path, self._packing)
        self._stream = self._manager.__enter__()
        self._stream.read(self._skip)
        if self._copy is not None:
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            self._sink = self._copy.open("wb")
        return self

    def __exit__(self, *error: object) -> None:
        if self._sink is not None:
            self._sink.close()
        self._manager.__exit__(None, None, None)

    def __iter__(self) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self._encoding)("replace") if self._encoding in _WIDE else None
        while True:
            data = self._stream.read(BLOCK_BYTES)
            found = decoder.decode(data, final=not data).encode() if decoder is not None else data
            if self._sink is not None and self._copy is not None:
                self._sink.write(found)
                self._sink.flush()
                keep_free(self._copy.parent)
            if found:
                yield found
            if not data:
                return


def _records(pieces: _Pieces, quote: bytes, separator: bytes) -> Iterator[tuple[int, bytes, float]]:
    """Whole records, about `BLOCK_BYTES` at a time, with the place of the first byte."""
    rest = b""
    first = pieces.place
    for piece in pieces:
        data = rest + piece
        end = last_record_end(data, quote, separator)
        if end:
            yield first, data[:end], 0.5
            first += end
            rest = data[end:]
        else:
            rest = data
            if len(rest) > RECORD_MOST_BYTES:
                raise Refused(
                    f"A record of this file has more than {RECORD_MOST_BYTES >> 20} MB without an end.",
                    "So it is probably no delimited text, or a quotation mark is never closed.",
                )
    if rest:
        yield first, rest, 1.0


def last_record_end(data: bytes, quote: bytes, separator: bytes) -> int:
    """Where the last whole record ends, or 0: after the last line end that is not within quotation marks."""
    end = data.rfind(b"\n") + 1
    if not end or _is_even(data, end, quote, separator):
        return end
    last = previous = 0
    for start, stop in _quoted(data, quote, separator):
        if start >= end:
            break
        between = data.rfind(b"\n", previous, start)
        last = between + 1 if between >= 0 else last
        if stop >= end:
            return last  # the line end is within this field: the last one that is in none, then
        previous = stop
    return end


def _is_even(data: bytes, end: int, quote: bytes, separator: bytes) -> bool:
    """Whether marks open and close fields and do nothing else. Counting is many times faster than looking at each."""
    total = data.count(quote, 0, end)
    if not total:
        return True
    opening = data.count(separator + quote, 0, end) + data.count(b"\n" + quote, 0, end) + data.startswith(quote)
    closing = sum(data.count(quote + mark, 0, end) for mark in (separator, b"\n", b"\r"))
    return opening == closing and total == 2 * opening


def _quoted(data: bytes, quote: bytes, separator: bytes) -> Iterator[tuple[int, int]]:
    """Quoted fields: those that begin after a separator or line end. One that never ends goes to the end."""
    mark, between = re.escape(quote), re.escape(separator)
    pattern = rb"(?:\A|(?<=[\n%b]))%b(?:[^%b]|%b%b)*(?:%b|\Z)" % (between, mark, mark, mark, mark, mark)
    for found in re.finditer(pattern, data):
        yield found.span()


def _record_end(data: bytes, quote: bytes) -> int:
    """Where the first record that is no empty line ends."""
    place = len(data) - len(data.lstrip(b"\r\n"))
    while True:
        end = data.find(b"\n", place) + 1
        if not end:
            return len(data)
        if not data.count(quote, 0, end) % 2:
            return end
        place = end


# ---- guesses


def guess_encoding(head: bytes, given: str) -> tuple[str, int]:
    """The encoding, and how many bytes of mark to leave out."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):  # fmt: skip
        if head.startswith(mark):
            return name, len(mark)
    if given:
        try:
            name = codecs.lookup(given).name
        except LookupError as error:
            raise Refused(f"There is no encoding called “{given}”.") from error
        return ("utf-16-le" if name == "utf-16" else name), 0
    zeros = head[:4096].count(0)
    if zeros:
        even, odd = head[:4096:2].count(0), head[1:4096:2].count(0)
        if zeros > len(head[:4096]) * 0.2 and max(even, odd) > 20 * min(even, odd):
            return ("utf-16-be" if even > odd else "utf-16-le"), 0
        raise Refused("This is no text.", DAMAGED)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        if _controls(head) > len(head) * 0.05:
            raise Refused("This is no text.", DAMAGED) from None
        return "cp1252", 0
    return "utf-8", 0


def _controls(head: bytes) -> int:
    """Bytes that no text has."""
    return len(head) - len(head.translate(None, bytes(set(range(32)) - {9, 10, 12, 13, 27} | {127})))


def decoded(data: bytes, encoding: str) -> str:
    """The beginning of a file as text; a character that is cut at its end is left out."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(data, final=False)


def guess_dialect(text: str, path: Path, options: FileOptions) -> FileOptions:
    """Separator, quotation mark and decimal sign."""
    lines = text[:200_000].splitlines()[:SAMPLE_RECORDS]
    quote = options.quote if options.quote is not None else _guess_quote(lines)
    separator = options.separator or _guess_separator(text, path, replace(options, quote=quote))
    found = replace(options, format="csv", quote=quote, separator=separator)
    if not options.decimal:
        found = replace(found, decimal=_guess_decimal(text, found))
    return found


def _guess_quote(lines: Sequence[str]) -> str:
    if any('"' in line for line in lines):
        return '"'
    pattern = re.compile(r"(^|[,;\t|])'[^']*'([,;\t|]|$)")
    return "'" if lines and sum(bool(pattern.search(line)) for line in lines) > len(lines) / 2 else '"'


def _guess_separator(text: str, path: Path, options: FileOptions) -> str:
    """That which cuts most records into the same number of fields, and into more than one."""
    best, best_score = "\t" if ".tsv" in path.name.lower() else ",", 0.0
    for separator in _SEPARATORS:
        records = split_records(text, replace(options, separator=separator), SAMPLE_RECORDS, is_whole=False)
        widths = Counter(len(record) for record in records)
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        agreed = count / len(records)
        score = agreed**2 * min(width, 50) ** 0.5 if width > 1 else 0.0
        if score > best_score * 1.05:
            best, best_score = separator, score
    return best


def _guess_decimal(text: str, options: FileOptions) -> str:
    if options.separator == ",":
        return "."
    fields = [field.strip() for record in split_records(text, options, 50, is_whole=False) for field in record]
    commas = sum(bool(_DECIMAL_COMMA.match(field)) for field in fields)
    points = sum(bool(_DECIMAL_POINT.match(field)) for field in fields)
    return "," if commas and not points else "."


def guess_header(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns: it does not look like the others, or nothing is a number in it."""
    if len(records) < 2:
        return bool(records) and not any(_is_typed(field) for field in records[0])
    first, rest = records[0], records[1:]
    if len(set(map(len, rest))) == 1 and len(first) == len(rest[0]) - 1:
        return True
    for place, field in enumerate(first):
        below = [record[place].strip() for record in rest if place < len(record)]
        present = [value for value in below if value not in MISSING_IN_FILES]
        if field.strip() and not _is_typed(field) and present and all(map(_is_typed, present)):
            return True
    typed = [field.strip() for field in first if _is_typed(field)]
    return not typed or (len(typed) < len(first) and all(map(_YEAR.match, typed)) and len(set(typed)) == len(typed))


def _is_typed(field: str) -> bool:
    value = field.strip()
    return bool(_NUMBER.match(value) or _DATE.match(value)) or value.lower() in ("true", "false")


def split_records(text: str, options: FileOptions, most: int, *, is_whole: bool) -> list[list[str]]:
    """The first records. The last one may be cut, so it is left out unless the text is whole."""
    found: list[list[str]] = []
    for record in _reader(io.StringIO(text, newline=""), options):
        if record:
            found.append(record)
        if len(found) > most:
            return found[:most]
    return found if is_whole or len(found) < 2 else found[:-1]


def _reader(text: io.StringIO, options: FileOptions) -> Iterator[list[str]]:
    csv.field_size_limit(RECORD_MOST_BYTES)
    separator = options.separator or ","
    if options.quote:
        reader = csv.reader(text, delimiter=separator, quotechar=options.quote)
    else:
        reader = csv.reader(text, delimiter=separator, quoting=csv.QUOTE_NONE)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused("The file cannot be cut into fields.", DAMAGED) from error


def _width(records: Sequence[Sequence[str]]) -> int:
    """The number of columns: what most records have, but at least the heading's."""
    if not records:
        return 1
    widths = Counter(len(record) for record in records[1:]) or Counter([len(records[0])])
    return max(widths.most_common(1)[0][0], len(records[0]))


def _names(records: Sequence[Sequence[str]], width: int) -> list[str]:
    """The heading; one field less than the records have means that the first column has no name (R writes so)."""
    names = list(records[0])
    if len(names) == width - 1:
        return ["", *names]
    return [*names, *[""] * (width - len(names))]
