"""loapi audit verify, prove, consistency, key: what the log holds, and that it still does."""

import json
from json import JSONDecodeError
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from application.audit.checkpoint import BadCheckpoint
from application.audit.evidence import Verdict
from application.audit.ledger import BadProof
from application.audit.prove import NotCertified, check_proof, consistency, prove
from application.errors import ServiceError, Tampered
from entrypoints.cli.running import opened
from entrypoints.cli.telling import AsJson, progress, refuse, tell
from entrypoints.container.examination import (
    BadBundle,
    Ed25519Verifier,
    live,
    offline,
    sink,
    sinks_of,
)
from entrypoints.settings import AuditSinkName, read_settings

KeyFile = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="The file with the public key.")
]
Sinks = Annotated[
    list[AuditSinkName] | None,
    typer.Option("--sink", help="Look here alone; repeat it. Default: all that settings name."),
]


def verify_log(
    bundle: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Verify this file; needs no service."),
    ] = None,
    key: KeyFile = None,
    checkpoints: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The second place's file, for a bundle."),
    ] = None,
    sinks: Sinks = None,
    as_json: AsJson = False,
) -> None:
    """Verify every record of the log; status 1 and the first bad index where one is not sound.

    Examples: loapi audit verify; loapi audit verify --bundle may.zip --key key.txt
    """
    if bundle is None and (key is not None or checkpoints is not None):
        raise typer.BadParameter("--key and --checkpoints go with --bundle")
    if bundle is not None and sinks:
        raise typer.BadParameter("--sink and --bundle exclude each other")
    if bundle is None:
        verdict = _verify_live(sinks, as_json)
    elif key is None:
        raise typer.BadParameter("--bundle needs --key, the file with the public key")
    else:
        verdict = _verify_bundle(bundle, key, checkpoints, as_json)
    _tell_verdict(verdict, as_json)
    if not verdict.sound:
        raise typer.Exit(1)


def _verify_live(names: list[AuditSinkName] | None, quiet: bool) -> Verdict:
    settings = read_settings()
    with opened(settings) as container, progress("verified", quiet) as show:
        total = container.ledger().tree().size
        work = live(container, names or sinks_of(settings), lambda size: show(size, total))
        try:
            return work.run()
        except ServiceError as error:
            refuse(f"the log could not be read: {error}")


def _verify_bundle(bundle: Path, key: Path, checkpoints: Path | None, quiet: bool) -> Verdict:
    try:
        with progress("verified", quiet) as show:
            return offline(bundle, _text_of(key), checkpoints, lambda size: show(size, None)).run()
    except (BadBundle, ValueError) as error:
        refuse(error)


def _text_of(file: Path) -> str:
    """Give what a file says; raises ValueError where it is no text."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError(f"{file} is no text in UTF-8") from None


def _tell_verdict(verdict: Verdict, as_json: bool) -> None:
    found = verdict.finding
    facts: dict[str, Any] = {
        "sound": verdict.sound,
        "start": verdict.start,
        "count": verdict.count,
        "size": verdict.size,
        "root": verdict.root.hex(),
        "certified": verdict.certified,
        "witnessed": verdict.witnessed,
        "waiting": verdict.waiting,
        "kind": found.kind.value if found else None,
        "index": found.index if found else None,
        "until": found.until if found else None,
        "detail": found.detail if found else None,
    }
    tell(facts, as_json)


def prove_record(
    record_id: Annotated[UUID | None, typer.Argument(help="The record's id.")] = None,
    check: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Check this proof; needs no service."),
    ] = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Print the proof that the log holds a record, or check one by the public key alone.

    Examples: loapi audit prove 0199…; loapi audit prove --check proof.json --key key.txt
    """
    if record_id is None and check is not None and key is not None:
        _check(check, key, as_json)
    elif record_id is not None and check is None and key is None:
        _prove(record_id)
    else:
        raise typer.BadParameter("give the record's ID, or --check FILE with --key FILE")


def _prove(record_id: UUID) -> None:
    settings = read_settings()
    with opened(settings) as container:
        try:
            found = (sink(container, name).get(record_id) for name in sinks_of(settings))
            if (record := next(filter(None, found), None)) is None:
                refuse(f"there is no record {record_id}")
            typer.echo(json.dumps(prove(container.ledger(), record), ensure_ascii=False))
        except (NotCertified, Tampered, ServiceError) as error:
            refuse(error)


def _check(file: Path, key: Path, as_json: bool) -> None:
    try:
        verifier = Ed25519Verifier(_text_of(key))
        proof = json.loads(_text_of(file))
        checkpoint = check_proof(proof, verifier)
    except JSONDecodeError:
        refuse(f"{file} is no JSON, as 'loapi audit prove ID' prints it")
    except (BadProof, BadCheckpoint, ValueError, TypeError, RecursionError) as error:
        refuse(error)
    told = {"proven": True, "index": proof["index"], "size": checkpoint.size}
    tell(told | {"log": checkpoint.origin, "root": checkpoint.root.hex()}, as_json)


def prove_consistency(
    first: Annotated[int, typer.Argument(min=0)],
    second: Annotated[int, typer.Argument(min=0)],
    as_json: AsJson = False,
) -> None:
    """Prove that the log of the first size is the beginning of that of the second size.

    Example: loapi audit consistency 500 1000
    """
    if first > second:
        raise typer.BadParameter("give the smaller size first")
    with opened() as container:
        if second > (size := container.ledger().tree().size):
            refuse(f"the log has {size} records, not {second}")
        try:
            told = consistency(container.ledger(), first, second)
        except (BadProof, IndexError, Tampered) as error:
            refuse(error)
    if as_json:
        typer.echo(json.dumps(told))
        return
    for side in ("first", "second"):
        by = "signed" if told[side]["checkpoint"] else "of the ledger's leaves"
        typer.echo(f"{told[side]['size']}: {told[side]['root']} ({by})")
    typer.echo(f"The one is the beginning of the other: {len(told['proof'])} hashes prove it.")


def print_key(as_json: AsJson = False) -> None:
    """Print the public key that auditors verify with."""
    with opened() as container:
        key = container.signer().verifier_key
    typer.echo(json.dumps({"key": key}) if as_json else key)
