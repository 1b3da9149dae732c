"""Rules for what is chosen, how it is compared, ordered and cut."""

from collections.abc import Sequence
from itertools import pairwise

from tests.support.oracle_rules.rule import COMPARISONS, LONGEST_LIST, MOST_BINDS, Broken, Rule
from tests.support.oracle_rules.text import Query, Statement, Token, Tokens, split, texts

_TRUTHS = COMPARISONS | {"IS", "IN", "LIKE", "BETWEEN", "EXISTS", "AND", "OR", "NOT"}
_BEFORE_TRUTH = frozenset({"WHERE", "AND", "OR", "NOT", "ON", "WHEN", "HAVING"})
_AFTER_IS = frozenset({"NULL", "JSON", "NAN", "INFINITE", "PRESENT", "EMPTY", "OF", "A"})
_FOREIGN = frozenset({"ILIKE", "GLOB", "REGEXP", "RLIKE", "RECURSIVE", "AUTOINCREMENT"})
_CLOCKS = frozenset("CURRENT_TIMESTAMP LOCALTIMESTAMP CURRENT_DATE SYSDATE SYSTIMESTAMP".split())


def _is_number(statement: Statement) -> bool:
    for place in statement.find("IS"):
        follows = [token.text for token in statement.tokens[place + 1: place + 3]]
        word = next((text for text in follows if text != "NOT"), "")
        if word not in _AFTER_IS and statement.first != "COMMENT" and not statement.is_block:
            return True
    return False


def _truth_in_select_list(statement: Statement) -> bool:
    return any(
        token.text in _TRUTHS and token.kind in ("word", "symbol")
        for query in statement.queries
        for token in _without_subqueries(_without_cases(query.part("SELECT")))
    )


def _without_cases(tokens: Tokens) -> Tokens:
    kept, inside = [], 0
    for token in tokens:
        inside += token.text == "CASE"
        if not inside:
            kept.append(token)
        inside -= token.text == "END" and inside > 0
    return kept


def _without_subqueries(tokens: Tokens) -> Tokens:
    kept: list[Token] = []
    hidden: int | None = None
    for token in tokens:
        if hidden is not None and token.depth < hidden:
            hidden = None
        if hidden is None and token.text == "SELECT":
            hidden = token.depth
        if hidden is None:
            kept.append(token)
    return kept


def _row_values(statement: Statement) -> bool:
    tokens = statement.tokens
    for place, token in enumerate(tokens):
        if token.text in COMPARISONS and 0 < place < len(tokens) - 1:
            opens = tokens[place + 1].text == "(" and _is_list(statement.bracket(place + 1))
            if opens or _closes_list(tokens, place - 1):
                return True
    return False


def _is_list(inside: Tokens) -> bool:
    return bool(inside) and len(split(inside, inside[0].depth)) > 1 and inside[0].text != "SELECT"


def _closes_list(tokens: Tokens, place: int) -> bool:
    if tokens[place].text != ")":
        return False
    opens = place - 1
    while tokens[opens].depth > tokens[place].depth:
        opens -= 1
    is_call = opens > 0 and tokens[opens - 1].kind == "word" and tokens[opens - 1].text not in (
        "WHERE", "AND", "OR", "NOT", "ON", "WHEN", "HAVING",
    )
    return not is_call and _is_list(tokens[opens + 1: place])


def _long_list(most: int) -> Broken:
    def broken(statement: Statement) -> bool:
        written = [
            len(split(inside, inside[0].depth))
            for place in statement.find("IN", "(")
            if (inside := statement.bracket(place + 1))
        ]
        return any(length > most for length in (*statement.lists, *written))

    return broken


def _empty_list(statement: Statement) -> bool:
    return statement.has("IN", "(", ")")


def _limits_and_locks(statement: Statement) -> bool:
    return statement.has("FOR", "UPDATE") and any(
        "FOR" in query.parts and _gathers(query) for query in statement.queries
    )


def _gathers(query: Query) -> bool:
    words = {token.text for token in (*query.part("SELECT")[:1], *query.part("WHERE"))}
    return bool({"FETCH", "OFFSET", "GROUP"} & set(query.parts) or words & {"DISTINCT", "ROWNUM"})


def _waits_for_locks(statement: Statement) -> bool:
    return statement.has("FOR", "UPDATE") and not statement.has("SKIP", "LOCKED")


def _groups_by_alias(statement: Statement) -> bool:
    for query in statement.queries:
        named = {
            item[-1].text
            for item in query.items("SELECT")
            if len(item) > 2 and item[-2].text == "AS"
        }
        for item in query.items("GROUP"):
            item = [token for token in item if token.text != "BY"]
            if len(item) == 1 and (item[0].text in named or item[0].kind == "number"):
                return True
    return False


def _no_from(statement: Statement) -> bool:
    return any("FROM" not in query.parts for query in statement.queries)


def _same_names_in_part_of_rows(statement: Statement) -> bool:
    for query in statement.queries:
        if {"FETCH", "OFFSET"} & set(query.parts):
            names = [item[-1].text for item in query.items("SELECT")]
            if len(names) > len(set(names)):
                return True
    return False


def _as_before_alias(statement: Statement) -> bool:
    return any(
        token.text == "AS" and token.depth == query.depth
        for query in statement.queries
        for token in query.part("FROM")
    ) or (statement.first in ("UPDATE", "DELETE") and _alias_of_target(statement))


def _alias_of_target(statement: Statement) -> bool:
    place = next(statement.find("UPDATE" if statement.first == "UPDATE" else "FROM"), 0)
    return statement.at(place + 2, "AS")


def _literal(statement: Statement) -> bool:
    if not statement.is_plain:
        return False
    for place, token in enumerate(statement.tokens):
        if token.kind == "text" and token.text not in ("''",):
            return True
        if token.kind == "number" and token.text not in ("0", "1"):
            if not _is_size(statement, place):
                return True
    return False


def _is_size(statement: Statement, place: int) -> bool:
    """Tell whether a number belongs to a type, or says how many rows: another rule's matter."""
    before, _ = statement.beside(place)
    sizes = any(statement.tokens[place] in one.of for one in statement.typed)
    return sizes or before in ("OFFSET", "FIRST", "NEXT", "LIMIT")


def _literal_limit(statement: Statement) -> bool:
    return any(
        statement.at(place, *words) and statement.tokens[place + len(words)].kind == "number"
        for words in (("FETCH", "FIRST"), ("FETCH", "NEXT"), ("OFFSET",))
        for place in statement.find(*words)
        if place + len(words) < len(statement.tokens)
    ) or any(
        statement.tokens[place - 1].text in COMPARISONS | {"ROWNUM"}
        for place, token in enumerate(statement.tokens)
        if token.kind == "number" and "ROWNUM" in texts(statement.tokens[max(0, place - 2): place])
    )


def _literal_time(statement: Statement) -> bool:
    if statement.is_plain and any(
        one.text in ("DATE", "TIMESTAMP", "INTERVAL") and two.kind == "text"
        for one, two in pairwise(statement.tokens)
    ):
        return True
    return any(
        statement.tokens[place + 2].kind == "text"
        for word in ("TO_DATE", "TO_TIMESTAMP", "TO_TIMESTAMP_TZ")
        for place in statement.find(word, "(")
    )


def _own_clock(statement: Statement) -> bool:
    wrapped = {place + 2 for place in statement.find("SYS_EXTRACT_UTC", "(", "SYSTIMESTAMP")}
    clocks = {
        place
        for place, token in enumerate(statement.tokens)
        if token.kind == "word" and token.text in _CLOCKS
    }
    return bool(clocks - wrapped) or statement.has("NOW", "(")


def _divides(statement: Statement) -> bool:
    return statement.is_plain and any(
        token.text in ("/", "%") and token.kind == "symbol" for token in statement.tokens
    )


def _like_minds_case(statement: Statement) -> bool:
    for place in statement.find("LIKE"):
        before = statement.tokens[max(0, place - 12): place]
        if not {"LOWER", "UPPER"} & set(texts(before)):
            return True
    return False


def _foreign_words(statement: Statement) -> bool:
    return bool(statement.words & _FOREIGN) or any(
        token.text in ("==", "::") for token in statement.tokens
    )


def _embedded(statement: Statement) -> bool:
    begins = statement.first == "BEGIN" and not statement.is_block
    known = statement.first in ("PRAGMA", "VACUUM", "ATTACH", "REINDEX", "ANALYZE")
    return known or begins or "SQLITE_MASTER" in statement.words


def _truth_words(statement: Statement) -> bool:
    return bool(statement.words & {"TRUE", "FALSE"}) and not statement.is_block


def _number_as_truth(statement: Statement) -> bool:
    tokens = statement.tokens
    for token in tokens:
        before, behind = statement.beside(token.place)
        is_operand = behind in COMPARISONS | {"+", "-", "*", "IN", "NOT", "BETWEEN", "IS"}
        ends_between = "BETWEEN" in texts(tokens[max(0, token.place - 6): token.place])
        if token.kind == "number" and before in _BEFORE_TRUTH and not is_operand:
            if not (before == "AND" and ends_between):
                return True
    return False


def _sets_of_all(statement: Statement) -> bool:
    return "EXCEPT" in statement.words or any(
        statement.has(word, "ALL") for word in ("INTERSECT", "MINUS")
    )


RULES: Sequence[Rule] = (
    Rule("is-number", "only NULL and a few words follow IS (ORA-00908)", _is_number),
    Rule(
        "truth-in-select-list", "no comparison or EXISTS is a column (ORA-00936, ORA-00923)",
        _truth_in_select_list, until=23,
    ),
    Rule("row-values", "rows of values are not compared (ORA-01796, ORA-00920)", _row_values),
    Rule(
        "long-list", "a list has at most 1,000 members (ORA-01795)", _long_list(LONGEST_LIST),
        until=23,
    ),
    Rule(
        "longest-list", "a list has at most 65,535 members (ORA-01795)", _long_list(MOST_BINDS)
    ),
    Rule("empty-list", "a list has members (ORA-00936)", _empty_list),
    Rule(
        "limit-and-lock", "no FOR UPDATE of a part, group or set of rows (ORA-02014)",
        _limits_and_locks,
    ),
    Rule(
        "lock-waits", "FOR UPDATE without SKIP LOCKED waits for ever (ORA-00060 at best)",
        _waits_for_locks,
    ),
    Rule(
        "group-by-alias", "GROUP BY knows no alias and no number (ORA-00904, ORA-00979)",
        _groups_by_alias, until=23,
    ),
    Rule("no-from", "a SELECT is from something, be it DUAL (ORA-00923)", _no_from, until=23),
    Rule(
        "same-names", "a part of rows needs columns of different names (ORA-00918)",
        _same_names_in_part_of_rows,
    ),
    Rule("as-before-alias", "a table's alias comes without AS (ORA-00933)", _as_before_alias),
    Rule(
        "literal", "a value that is no bind makes a cursor of its own (ORA-04031 in the end)",
        _literal,
    ),
    Rule(
        "literal-limit", "a limit that is no bind makes a cursor of its own (ORA-04031 in the end)",
        _literal_limit,
    ),
    Rule(
        "literal-time", "a time as text depends on the session (ORA-01830, ORA-01843)",
        _literal_time,
    ),
    Rule("own-clock", "the session's or server's zone is not ours (no error)", _own_clock),
    Rule("division", "1/2 is 0.5 here and 0 on SQLite, and % is no operator (ORA-00911)", _divides),
    Rule("like", "LIKE minds case here and not on SQLite (no error)", _like_minds_case),
    Rule(
        "foreign-words", "words and operators of other databases (ORA-00920, ORA-00936)",
        _foreign_words,
    ),
    Rule("embedded", "a statement of SQLite alone (ORA-00900)", _embedded),
    Rule("truth-words", "TRUE and FALSE are names (ORA-00904)", _truth_words, until=23),
    Rule("number-as-truth", "a number is no condition (ORA-00920)", _number_as_truth, until=23),
    Rule(
        "sets-of-all", "EXCEPT, and ALL behind MINUS, are of 21c (ORA-00933)", _sets_of_all,
        until=21,
    ),
)
