"""The query language: a strict subset of KQL, Kibana's own, so that a saved query can be pasted in Kibana.

    condition: word | "phrase" | word* | field: word | field: "phrase" | field: word* | field: * | field >= value
    between conditions: not, and, or (binding in this order, spaces around), parentheses; field: (a or "b c" and not d)

Whatever KQL reads otherwise than a person would (two bare words are an `or` there), and whatever one of our engines could
answer differently, is refused with its place and a cure (`indexer.refusals`); nothing is guessed. What is accepted gives
the same tree as Kibana's grammar. Two liberties that stay inside it: a pasted number may be written without quotes
(`0912 345 678`) and is printed with them; dates must carry time and offset.
"""

from __future__ import annotations

import difflib
import re

from attrs import frozen

from indexer.fields import DEFAULT_FIELD, FIELDS, KEYWORD_LIMIT, SEARCHABLE, Field, FieldType, replace_surrogates
from indexer.literals import EXAMPLES, date_value, equal_values, is_pasted_number, long_value, prefix_value
from indexer.refusals import refuse
from model.errors import QuerySyntaxError

MAX_DEPTH = 20
MAX_TERMS = 200
MAX_LENGTH = 20_000

_SPACES = " \t\r\n\u00a0"
_SPECIAL = '\\():<>"*{}'
_UNQUOTED = re.compile(f"[^{_SPACES}()]*")
_OPERATOR = re.compile(f"[{_SPACES}]+(and|or)[{_SPACES}]+", re.IGNORECASE)
_NOT = re.compile(f"not[{_SPACES}]+", re.IGNORECASE)
_COMPARE = re.compile("<=|>=|<|>")
_WORDS = re.compile(f"[^{_SPACES}]+")
_QUOTED_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|([trn"\\]))')
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", '"': '"', "\\": "\\"}


@frozen
class Or:
    """At least one of `items`."""

    items: tuple[Node, ...]


@frozen
class And:
    """All of `items`."""

    items: tuple[Node, ...]


@frozen
class Not:
    """Everything but `item`; a document in which a value is absent is among it."""

    item: Node


@frozen
class Is:
    """`field: value`. field "": the default field. quoted: a phrase where the field is text."""

    field: str
    value: str
    quoted: bool = False


@frozen
class StartsWith:
    """`field: value*`: a word, or a keyword value, that begins so."""

    field: str
    value: str


@frozen
class Exists:
    """`field: *`: at least one value."""

    field: str


@frozen
class Compare:
    """`field operator value` on numbers and dates; false when the field is absent."""

    field: str
    operator: str
    value: str


Node = Or | And | Not | Is | StartsWith | Exists | Compare


def parse(text: str) -> Node:
    """The tree of a query. Raises QuerySyntaxError with the place of the fault and a cure, in linear time."""
    return _Parser(replace_surrogates(text)).query()


@frozen
class _Literal:
    """A value or field name as it stands in the text. stars: offsets in `value` of unescaped asterisks."""

    value: str
    quoted: bool
    start: int
    end: int
    stars: tuple[int, ...] = ()

    @property
    def is_star(self) -> bool:
        return self.value == "*" and self.stars == (0,)


class _Parser:
    """Recursive descent over the text, bounded by MAX_DEPTH; one instance per query."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth, self.terms = text, 0, 0, 0

    def query(self) -> Node:
        if len(self.text) > MAX_LENGTH:
            raise self.refuse("too_long", MAX_LENGTH, limit=MAX_LENGTH)
        self.skip()
        if self.at == len(self.text):
            raise self.refuse("empty", 0)
        node = self.any_of(None)
        self.skip()
        if self.at < len(self.text):
            raise self.leftover()
        if depth(node) > MAX_DEPTH:
            raise self.refuse("too_deep", 0, limit=MAX_DEPTH)
        return node

    def refuse(self, code: str, position: int, **names: object) -> QuerySyntaxError:
        return refuse(code, self.text, position, **names)

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _SPACES:
            self.at += 1

    def operator(self, word: str) -> bool:
        found = _OPERATOR.match(self.text, self.at)
        if found is None or found[1].lower() != word:
            return False
        self.at = found.end()
        return True

    def any_of(self, field: Field | None) -> Node:
        items = [self.all_of(field)]
        while self.operator("or"):
            items.append(self.all_of(field))
        return items[0] if len(items) == 1 else Or(tuple(items))

    def all_of(self, field: Field | None) -> Node:
        items = [self.negated(field)]
        while self.operator("and"):
            items.append(self.negated(field))
        return items[0] if len(items) == 1 else And(tuple(items))

    def negated(self, field: Field | None) -> Node:
        found = _NOT.match(self.text, self.at)
        if found is None:
            return self.group(field)
        self.at = found.end()
        if _NOT.match(self.text, self.at):
            raise self.refuse("not_twice", self.at)
        return Not(self.group(field))

    def group(self, field: Field | None) -> Node:
        if not self.text.startswith("(", self.at):
            return self.condition() if field is None else self.listed(field)
        start = self.at
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.refuse("too_deep", start, limit=MAX_DEPTH)
        self.at += 1
        self.skip()
        node = self.any_of(field)
        self.skip()
        if self.at == len(self.text):
            raise self.refuse("open_paren", start)
        if self.text[self.at] != ")":
            raise self.leftover(inside=field)
        self.at += 1
        self.depth -= 1
        return node

    def condition(self) -> Node:
        """One condition: with a field, a comparison, or words for the default field."""
        literal = self.literal()
        self.skip()
        compare = _COMPARE.match(self.text, self.at)
        if compare:
            return self.compare(literal, compare[0])
        if not self.text.startswith(":", self.at):
            self.at = literal.end
            return self.value(FIELDS[DEFAULT_FIELD], literal, named=False)
        field = self.field(literal)
        self.at += 1
        self.skip()
        if self.text.startswith("(", self.at):
            return self.group(field)
        return self.field_value(field)

    def field_value(self, field: Field) -> Node:
        compare = _COMPARE.match(self.text, self.at)
        if compare:
            raise self.refuse("colon_compare", self.at, field=field.name, operator=compare[0])
        if self.text.startswith("{", self.at):
            raise self.refuse("nested", self.at)
        if _NOT.match(self.text, self.at):
            raise self.refuse("not_value", self.at, field=field.name)
        return self.value(field, self.literal())

    def listed(self, field: Field) -> Node:
        literal = self.literal()
        end = self.at
        self.skip()
        if self.text.startswith(":", self.at) or _COMPARE.match(self.text, self.at):
            raise self.refuse("field_in_list", literal.start)
        self.at = end
        return self.value(field, literal)

    def field(self, literal: _Literal) -> Field:
        """The field that a literal names; STORED ones are refused."""
        name = literal.value
        if literal.stars:
            raise self.refuse("field_star", literal.start)
        if not literal.quoted:
            self.one_word(literal)
        if name not in FIELDS:
            near = difflib.get_close_matches(name.lower(), SEARCHABLE, n=1)
            near_en, near_vi = (f"Did you mean {near[0]}? ", f"Ý bạn là {near[0]}? ") if near else ("", "")
            if name.lower() in ("http", "https", "hxxp", "hxxps"):
                near_en, near_vi = "Put addresses in quotes. ", "Đặt địa chỉ trong ngoặc kép. "
            raise self.refuse(
                "unknown_field",
                literal.start,
                field=name[:40],
                near=near_en,
                near_vi=near_vi,
                fields=", ".join(SEARCHABLE),
            )
        if FIELDS[name].type is FieldType.STORED:
            raise self.refuse("stored", literal.start, field=name)
        return FIELDS[name]

    def compare(self, literal: _Literal, operator: str) -> Node:
        field, at = self.field(literal), self.at
        if field.type not in (FieldType.DATE, FieldType.LONG):
            raise self.refuse("compare_type", at, field=field.name, operator=operator)
        self.at += len(operator)
        self.skip()
        value = self.literal()
        self.count(value)
        if value.stars:
            raise self.refuse("star", value.start + value.stars[0])
        code, read = ("date", date_value) if field.type is FieldType.DATE else ("number", long_value)
        if read(value.value) is None:
            word = value.value
            if code == "date" and not value.quoted:
                found = _UNQUOTED.match(self.text, value.start)
                word = found[0] if found else word
                code = "date_quotes" if date_value(word) is not None else code
            raise self.refuse(code, value.start, field=field.name, operator=operator, word=word[:40])
        return Compare(field.name, operator, value.value)

    def count(self, literal: _Literal) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise self.refuse("too_many", literal.start, limit=MAX_TERMS)

    def value(self, field: Field, literal: _Literal, *, named: bool = True) -> Node:
        """The condition that a literal states on a field; every check of the subset on values is here."""
        self.count(literal)
        name = field.name if named else ""
        if literal.is_star:
            if not named:
                raise self.refuse("star", literal.start)
            if field.type is FieldType.TEXT:
                raise self.refuse("exists_text", literal.start, field=field.name)
            return Exists(name)
        if literal.stars:
            return self.beginning(field, name, literal)
        if not literal.quoted and literal.value in ("true", "false", "null"):
            raise self.refuse("constant", literal.start, word=literal.value)
        if field.type is FieldType.TEXT:
            return self.words(field, name, literal)
        if not literal.quoted:
            literal = self.one_word_or_number(literal)
        if field.type is FieldType.DATE:
            raise self.refuse("date_equal", literal.start, field=field.name)
        if field.type is FieldType.LONG:
            if long_value(literal.value) is None:
                raise self.refuse("number", literal.start, field=field.name, word=literal.value[:40])
        elif not literal.value or not equal_values(field, literal.value):
            raise self.bad_value(field, literal)
        return Is(name, literal.value, literal.quoted)

    def words(self, field: Field, name: str, literal: _Literal) -> Node:
        if not literal.quoted:
            literal = self.one_word_or_number(literal)
        tokens = field.words(literal.value).split()
        if not tokens:
            raise self.refuse("no_word", literal.start)
        if len(tokens) > 1 and not literal.quoted:
            raise self.refuse("splits", literal.start, word=literal.value[:80], tokens=" + ".join(tokens[:5]))
        return Is(name, literal.value, literal.quoted)

    def beginning(self, field: Field, name: str, literal: _Literal) -> Node:
        self.one_word(literal)
        if literal.stars != (len(literal.value) - 1,) or field.type not in (FieldType.TEXT, FieldType.KEYWORD):
            raise self.refuse("star", literal.start + literal.stars[0])
        value = literal.value[:-1]
        if len(value) < 2:
            raise self.refuse("star", literal.start)
        if field.type is FieldType.KEYWORD:
            if len(value) > KEYWORD_LIMIT:
                raise self.refuse("long_prefix", literal.start, limit=KEYWORD_LIMIT)
            if prefix_value(field, value) is None:
                raise self.bad_value(field, literal)
            return StartsWith(name, value)
        tokens = field.words(value).split()
        if not tokens:
            raise self.refuse("no_word", literal.start)
        if len(tokens) > 1:
            raise self.refuse("splits", literal.start, word=value[:80], tokens=" + ".join(tokens[:5]))
        if len(tokens[0]) < 2:
            raise self.refuse("star", literal.start)
        return StartsWith(name, value)

    def bad_value(self, field: Field, literal: _Literal) -> QuerySyntaxError:
        example = EXAMPLES.get(field.name, f"{field.name}: *")
        return self.refuse("value", literal.start, word=literal.value[:40], field=field.name, example=example)

    def one_word_or_number(self, literal: _Literal) -> _Literal:
        """A bare literal, which must be one word; a pasted number is taken as if it stood in quotes."""
        if is_pasted_number(literal.value) and not literal.value.isdecimal():
            return _Literal(literal.value, True, literal.start, literal.end)
        self.one_word(literal)
        return literal

    def one_word(self, literal: _Literal) -> None:
        words = list(_WORDS.finditer(literal.value))
        for number, found in enumerate(words):
            if found[0].lower() in ("and", "or", "not") and (number == 0 or number == len(words) - 1):
                if found[0].lower() == "not" and self.text.startswith("(", literal.end):
                    raise self.refuse("not_space", literal.start + found.start())
                raise self.refuse("operator_word", literal.start + found.start(), word=found[0])
        if len(words) > 1:
            position = literal.start + words[1].start()
            raise self.refuse("two_words", position, words=literal.value.replace('"', "")[:80])

    def literal(self) -> _Literal:
        """The literal at this place, quoted or bare; a bare one runs to a special character or an operator."""
        if self.text.startswith('"', self.at):
            return self.quoted()
        start, chars, stars = self.at, list[str](), list[int]()
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in tuple(_SPECIAL):
                self.at += 1
                char = self.text[self.at]
            elif char == "*":
                stars.append(len(chars))
            elif (
                char in _SPECIAL
                or (char in _SPACES and self.operator_here(chars))
                or (char in "nN" and _NOT.match(self.text, self.at))
            ):
                break
            chars.append(char)
            self.at += 1
        value = "".join(chars).rstrip(_SPACES)
        if not value:
            raise self.nothing()
        return _Literal(value, False, start, self.at, tuple(stars))

    def operator_here(self, before: list[str]) -> bool:
        """Whether and / or begins at this space; asked at the first space of a run alone, so that time stays linear."""
        return before[-1:] != [self.text[self.at]] and _OPERATOR.match(self.text, self.at) is not None

    def quoted(self) -> _Literal:
        start = self.at
        end = start + 1
        while end < len(self.text) and self.text[end] != '"':
            end += 2 if self.text[end] == "\\" and self.text[end + 1 : end + 2] in ('"', "\\") else 1
        if end >= len(self.text):
            raise self.refuse("open_quote", start)
        value = _QUOTED_ESCAPE.sub(
            lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPES[found[2]], self.text[start + 1 : end]
        )
        self.at = end + 1
        return _Literal(replace_surrogates(value), True, start, self.at)

    def nothing(self) -> QuerySyntaxError:
        """What to say when a value or condition should begin here and none does."""
        self.skip()
        char = self.text[self.at : self.at + 1]
        if not char:
            return self.refuse("no_value", self.at)
        if char == ")":
            return self.refuse("no_value" if self.depth else "close_paren", self.at)
        if char == "{":
            return self.refuse("nested", self.at)
        if _NOT.match(self.text, self.at):
            return self.refuse("not_alone", self.at)
        return self.refuse("unexpected", self.at, char=char)

    def leftover(self, inside: Field | None = None) -> QuerySyntaxError:
        """What to say about the character behind a complete condition."""
        at, char = self.at, self.text[self.at]
        if _NOT.match(self.text, at):
            return self.refuse("not_ending" if at and self.text[at - 1] not in _SPACES + ')"' else "not_alone", at)
        if char == ")":
            return self.refuse("close_paren", at)
        if char == "(":
            before = self.text[max(0, at - 3) : at].lower()
            return self.refuse("not_space" if before == "not" else "adjacent", at)
        if char in "{}":
            return self.refuse("nested", at)
        if char == ":" and inside is not None:
            return self.refuse("field_in_list", at)
        if char in "\\:<>*":
            return self.refuse("unexpected", at, char=char)
        return self.refuse("adjacent", at)


def depth(node: Node) -> int:
    """Levels of operators above the deepest condition."""
    if isinstance(node, Or | And):
        return 1 + max(depth(item) for item in node.items)
    if isinstance(node, Not):
        return 1 + depth(node.item)
    return 0


def print_kql(node: Node) -> str:
    """The query as KQL: `parse(print_kql(node)) == node`."""
    return _print(node, 0)


def _print(node: Node, binding: int) -> str:
    """binding: 0 nothing around, 1 inside or, 2 inside and, 3 inside not; tighter surroundings ask for parentheses."""
    if isinstance(node, Or):
        text = " or ".join(_print(item, 1) for item in node.items)
        return f"({text})" if binding > 0 else text
    if isinstance(node, And):
        text = " and ".join(_print(item, 2) for item in node.items)
        return f"({text})" if binding > 1 else text
    if isinstance(node, Not):
        text = f"not {_print(node.item, 3)}"
        return f"({text})" if binding > 2 else text
    if isinstance(node, Exists):
        return f"{node.field}: *"
    if isinstance(node, StartsWith):
        return f"{_prefix(node.field)}{_bare(node.value)}*"
    if isinstance(node, Compare):
        value = node.value if long_value(node.value) is not None else quote(node.value)
        return f"{node.field} {node.operator} {value}"
    return f"{_prefix(node.field)}{quote(node.value) if node.quoted else _bare(node.value)}"


def _prefix(field: str) -> str:
    return f"{field}: " if field else ""


def _bare(value: str) -> str:
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in value)


def quote(value: str) -> str:
    """The value in quotation marks, as KQL reads it back."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
