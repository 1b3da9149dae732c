"""What happens to the tasks of a batch in the transaction that they share."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from adapters.sql.crew import Task
from adapters.sql.database import Label
from adapters.sql.once import Answer, is_spent
from application.errors import BacklogFull, KeyReused, TokenReplayed
from application.foresight import Question, foreseen
from application.ports import Done, IdempotencyKey
from application.unit import Reader, Source, Unit

SHORTEST_CALL = 1.0
"""Seconds that the database has for a call, however long its request has waited already."""


def label_of(batch: Sequence[Task]) -> Label:
    """Tell for whom a batch runs, and how long a call of it may take."""
    # A record that is noted alone says itself of which request it tells.
    first = batch[0].origin or next(iter(batch[0].records), None)
    seconds = max(task.give_up_at for task in batch) - time.monotonic()
    action, client = "look-up", "loapi"
    if first is not None:
        action, client = first.action, f"{first.client_id or '-'}/{first.user_id or '-'}"
    if len(batch) > 1:
        action, client = f"batch of {len(batch)}", "several"
    request = first.request_id if first else ""
    return Label(action, client, request, max(seconds, SHORTEST_CALL))


def questions_of(batch: Iterable[Task]) -> Iterator[Question]:
    """Give what the use cases of a batch are going to ask, as far as they say."""
    for task in batch:
        if task.use_case is not None:
            yield from foreseen(task.use_case, *task.args, **task.kwargs)


def read_one(task: Task, reader: Reader) -> None:
    """Run a task that reads."""
    task.error = None
    _attempt(task, reader)


def keys_of(batch: Iterable[Task]) -> list[IdempotencyKey]:
    """Give the idempotency keys of a batch."""
    keys = (task.errand.idempotency for task in batch if task.errand)
    return [key for key in keys if key is not None]


def is_settled(
    task: Task, answers: Mapping[IdempotencyKey, Answer | KeyReused], behind: bool
) -> bool:
    """Begin a task anew, and tell whether nothing is left of it to run."""
    task.result, task.error, task.writes = None, None, ()
    if task.errand is None:
        return True
    task.records, task.keeps_answer = (), False
    key = task.errand.idempotency
    answer = answers.get(key) if key else None
    if behind and not task.errand.despite_backlog:
        task.error = BacklogFull()
    elif isinstance(answer, KeyReused):
        task.error = answer
    elif answer is not None:
        task.result = Done(answer.value, replayed=True)
    return task.error is not None or answer is not None


def write_one(task: Task, source: Source, now: datetime) -> None:
    """Run a task that writes, and note what is to be written and told of it."""
    unit = Unit(source, now)
    _attempt(task, unit)
    _account_for(task, unit)


def _attempt(task: Task, unit: Reader | Unit) -> None:
    """Run a task's use case; what it raises is the task's own, unless the store raised it."""
    assert task.use_case is not None, "a task without records has a use case"
    try:
        task.result = task.use_case(unit, *task.args, **task.kwargs)
    except DBAPIError:
        raise
    except StopIteration as error:
        # No future takes it: those who wait behind it would wait for ever.
        task.error = RuntimeError("the use case ran out of items")
        task.error.__cause__ = error
    except Exception as error:  # pylint: disable=broad-except  # it is the task's answer
        task.error = error


def put_replay_first(task: Task, connection: Connection) -> None:
    """Refuse a spent token for that, whatever else is wrong, as the process that spent it does."""
    token = task.errand.token if task.errand else None
    if task.error is not None and token is not None and is_spent(connection, token):
        task.error = TokenReplayed()


def _account_for(task: Task, unit: Unit) -> None:
    if task.error is not None or task.errand is None:
        return
    task.writes = unit.writes()
    task.records = unit.records(task.errand.origin, task.writes)
    task.result, task.keeps_answer = Done(task.result), True
