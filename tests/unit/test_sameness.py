"""What counts as a change."""

from datetime import datetime, timezone
from uuid import UUID

from application.audit.record import Operation
from application.query import Page, Query
from application.unit import Unit
from domain.model import Kind
from domain.resource import Resource

KEPT = Resource(id=UUID(int=1), name="a", attributes={"flag": True}, client_id="c", version=1)


class OneRecord:
    """A store with one resource."""

    def get(self, kind: type[Kind], key: tuple[UUID, ...]) -> Kind | None:
        found: Kind | None = KEPT if key == (KEPT.id,) else None  # type: ignore[assignment]  # the one kind
        return found

    def find(self, kind: type[Kind], query: Query) -> Page[Kind]:
        return Page(())


def unit() -> Unit:
    return Unit(OneRecord(), datetime(2026, 1, 1, tzinfo=timezone.utc))


def test_true_and_one_are_different_values() -> None:
    work = unit()
    work.get(Resource, KEPT.id)
    changed = work.change(
        Resource(id=KEPT.id, name="a", attributes={"flag": 1}, client_id="c", version=1)
    )
    (write,) = work.writes()
    assert changed.version == 2
    assert write.change.fields["attributes"]["after"] == {"flag": 1}


def test_a_change_that_is_taken_back_is_none() -> None:
    work = unit()
    work.get(Resource, KEPT.id)
    work.add(Resource(id=UUID(int=2), name="b"))
    work.remove(Resource(id=UUID(int=2), name="b"))
    assert not work.writes()


def test_a_removal_is_a_change() -> None:
    work = unit()
    work.get(Resource, KEPT.id)
    work.remove(KEPT)
    assert [write.operation for write in work.writes()] == [Operation.REMOVE]
